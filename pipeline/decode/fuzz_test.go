package decode

import (
	"bytes"
	"testing"
)

// FuzzDecodeCSV: whatever bytes arrive, every row is emitted or rejected, lines
// rise, and how the file is cut into chunks changes nothing. drain checks the
// first two.
func FuzzDecodeCSV(f *testing.F) {
	for _, s := range []string{
		"S1,1,2025-03-01,X1,09,1,2,3\n",
		"S1,1,2025-03-01,X1,09,1,2,\"1,234.50\"\r\n\"S2\n",
		"\"S\"\"1\",1,2025-03-01,\"X\n1\",09,1,2,3\n\n,,,,,,,\nS1|1\n",
		"S1,1,2025-03-01,\xF5\x7C\"\x98^,09,1,2,3\x00\n\xFF\n",
	} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, body []byte, chunk uint8) {
		content := append([]byte(feeHeader+"\n"), body...)
		whole := drain(t, source(t, "fee_line", "fee_line.csv", content))
		src := source(t, "fee_line", "fee_line.csv", content)
		src.chunkSize = int(chunk) + 1
		cut := drain(t, src)
		if whole.err != nil || cut.err != nil {
			t.Fatalf("%v, %v", whole.err, cut.err)
		}
		if len(whole.rows) != len(cut.rows) || len(whole.rejects) != len(cut.rejects) || whole.info.Read != cut.info.Read {
			t.Fatalf("whole: %d rows and %+v; cut: %d rows and %+v", len(whole.rows), whole.rejects, len(cut.rows), cut.rejects)
		}
		for i := range whole.rejects {
			if whole.rejects[i] != cut.rejects[i] {
				t.Fatalf("%+v, cut: %+v", whole.rejects[i], cut.rejects[i])
			}
		}
		if n := int64(bytes.Count(content, []byte("\n"))); whole.info.Read.Rows > n {
			t.Fatalf("%d rows in %d lines", whole.info.Read.Rows, n)
		}
	})
}
