package report

import "github.com/xuri/excelize/v2"

// Protect encrypts a workbook so that it opens with the password only.
func Protect(book []byte, password string) ([]byte, error) {
	locked, err := excelize.Encrypt(book, &excelize.Options{Password: password})
	if err != nil {
		return nil, fail("protect workbook", "", "see mail.workbook_password_file; if it is right, report this message", err)
	}
	return locked, nil
}
