package decode

import "golang.org/x/text/encoding/simplifiedchinese"

// FileName reads a file name whose bytes are not UTF-8, as Windows tools write them into archives: GB18030.
func FileName(raw string) string {
	text, err := simplifiedchinese.GB18030.NewDecoder().String(raw)
	if err != nil {
		return raw
	}
	return text
}
