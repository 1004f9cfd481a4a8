package decode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"claimsaudit/pipeline"

	"github.com/apache/arrow/go/v17/arrow/array"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// result is everything one file became.
type result struct {
	rows    []map[string]string // column → text, absent when NULL
	rejects []pipeline.RejectedRow
	info    Info
	err     error
}

var testLayout = &pipeline.Layout{
	Aliases: map[string]string{"结算id": "setl_id", "费用明细流水号": "feedetl_sn", "费用发生时间": "fee_ocur_time",
		"医疗目录编码": "med_list_codg", "医疗收费项目类别": "med_chrgitm_type", "数量": "cnt", "单价": "pric", "明细项目费用总额": "det_item_fee_sumamt"},
	Labels: map[string]map[string]string{"er_flag": {"是": "1", "否": "0"}, "med_type": {"急诊": "13"},
		"status": {"正常": "normal", "暂停": "suspended", "终止": "terminated"}},
}

func source(t testing.TB, feed, name string, content []byte) Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return Source{Path: path, Name: name, Feed: pipeline.FeedNamed(feed), Layout: testLayout, FileID: 7, Workers: 2,
		Bands: []Band{{"29", 1, 3}, {"30", 4, 6}, {"31", 7, 9}, {"32", 10, 12}}}
}

// drain reads a source to its end and checks what must hold for every file:
// the tallies balance, line numbers rise, and no memory is left behind.
func drain(t testing.TB, src Source) result {
	t.Helper()
	var out result
	src.Reject = func(r pipeline.RejectedRow) error {
		out.rejects = append(out.rejects, r)
		return nil
	}
	r, err := Open(context.Background(), src)
	if err != nil {
		return result{err: err}
	}
	var sum pipeline.Tally
	last := int64(0)
	for r.Next() {
		rec := r.Record()
		lines := rec.Column(1).(*array.Int64).Int64Values()
		for i := range int(rec.NumRows()) {
			if lines[i] <= last {
				t.Errorf("line %d follows line %d", lines[i], last)
			}
			last = lines[i]
			row := map[string]string{}
			for c, f := range r.Schema().Fields() {
				if a := rec.Column(c); !a.IsNull(i) {
					row[f.Name] = strings.Clone(a.ValueStr(i)) // it lies in the batch
				}
			}
			takeApart(src.Feed, row)
			out.rows = append(out.rows, row)
			sum.Rows++
			if amount, isGiven := src.Feed.Column(src.Feed.Amount); isGiven {
				k := r.Schema().FieldIndices(amount.Stored())[0]
				if a := rec.Column(k).(*array.Int64); !a.IsNull(i) {
					sum.Cents += a.Value(i)
				}
			}
		}
	}
	out.err, out.info = r.Err(), r.Info()
	r.Release()
	for _, rej := range out.rejects {
		sum = sum.Add(pipeline.Tally{Rows: 1, Cents: rej.Cents})
	}
	if out.err == nil && sum != out.info.Read {
		t.Errorf("read %+v, but emitted and rejected make %+v", out.info.Read, sum)
	}
	if left := r.alloc.AllocatedBytes(); left != 0 {
		t.Errorf("%d bytes of batches were not freed", left)
	}
	return out
}

// takeApart gives the values set aside back their names.
func takeApart(feed *pipeline.Feed, row map[string]string) {
	joined, isThere := row["aside"]
	if !isThere {
		return
	}
	values := strings.Split(joined, string(pipeline.AsideSeparator))
	for _, c := range feed.Columns {
		if c.Aside {
			if values[0] != "" {
				row[c.Name] = values[0]
			}
			values = values[1:]
		}
	}
}

func decodeText(t testing.TB, feed, content string) result {
	t.Helper()
	return drain(t, source(t, feed, feed+".csv", []byte(content)))
}

const feeHeader = "setl_id,feedetl_sn,fee_ocur_time,med_list_codg,med_chrgitm_type,cnt,pric,det_item_fee_sumamt"

func gb(t testing.TB, s string) []byte {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestHeaderForms(t *testing.T) {
	row := "S1,1,2025-03-01 08:00:00,X1,09,1,2,3.00\n"
	upper := strings.ToUpper(feeHeader)
	camel := "setlId,feedetlSn,feeOcurTime,medListCodg,medChrgitmType,cnt,pric,detItemFeeSumamt"
	for name, content := range map[string]string{
		"plain":     feeHeader + "\n" + row,
		"upper":     upper + "\n" + row,
		"camel":     camel + "\n" + row,
		"bom":       "\uFEFF" + feeHeader + "\n" + row,
		"quoted":    `"` + strings.ReplaceAll(feeHeader, ",", `","`) + "\"\n" + row,
		"tab tail":  strings.ReplaceAll(feeHeader, ",", "\t,") + "\t\n" + row,
		"chinese":   "结算ID,费用明细流水号,费用发生时间,医疗目录编码,医疗收费项目类别,数量,单价,明细项目费用总额\n" + row,
		"crlf":      feeHeader + "\r\n" + strings.TrimSpace(row),
		"pipes":     strings.ReplaceAll(feeHeader+"\n"+row, ",", "|"),
		"carets":    strings.ReplaceAll(feeHeader+"\n"+row, ",", "^"),
		"tabs":      strings.ReplaceAll(feeHeader+"\n"+row, ",", "\t"),
		"blanks":    "\n \n" + feeHeader + "\n\n" + row + "\n\t\n",
		"unknown":   "extra," + feeHeader + "\nq," + row,
		"surplus":   feeHeader + "\n" + strings.TrimSpace(row) + ", ,\n",
		"no endl":   feeHeader + "\n" + strings.TrimSpace(row),
		"tab value": feeHeader + "\n" + strings.ReplaceAll(row, ",", "\t,"),
	} {
		got := decodeText(t, "fee_line", content)
		if got.err != nil || len(got.rejects) > 0 || len(got.rows) != 1 {
			t.Errorf("%s: %v, %d rows, rejected %+v", name, got.err, len(got.rows), got.rejects)
			continue
		}
		r := got.rows[0]
		if r["setl_id"] != "S1" || r["det_item_fee_sumamt_cents"] != "300" || r["cnt_e4"] != "10000" || r["pric_e6"] != "2000000" || r["file_id"] != "7" {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"empty":          {"", "文件是空的"},
		"blank":          {"\n\n", "文件是空的"},
		"no header":      {"1,2,3\n4,5,6\n", "没有找到列名行"},
		"duplicate":      {feeHeader + ",结算ID\n", "列名重复：setl_id"},
		"missing":        {"setl_id,feedetl_s,fee_ocur_time,med_list_codg,cnt,pric\n", "feedetl_sn（文件中的“feedetl_s”是否就是它？）、med_chrgitm_type、det_item_fee_sumamt"},
		"zip as csv":     {"PK\x03\x04xxxx", "压缩包"},
		"utf-16":         {"\xFF\xFEs\x00e\x00", "UTF-16"},
		"separators mix": {strings.ReplaceAll(feeHeader, "fee_ocur_time,", "fee_ocur_time|"), "缺少必需的列"},
	} {
		got := decodeText(t, "fee_line", c.content)
		if pipeline.KindOf(got.err) != pipeline.KindBadFile || got.err == nil || !strings.Contains(got.err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", name, got.err, c.want)
		}
		if got.err != nil && pipeline.HintOf(got.err) == "" {
			t.Errorf("%s: no hint", name)
		}
	}
	got := decodeText(t, "fee_line", feeHeader+"\n")
	if got.err != nil || got.info.Read.Rows != 0 {
		t.Errorf("a header without rows: %v, %+v", got.err, got.info)
	}
	src := source(t, "fee_line", "fee_line.doc", []byte("x"))
	if _, err := Open(context.Background(), src); pipeline.KindOf(err) != pipeline.KindBadFile {
		t.Errorf("unknown extension: %v", err)
	}
}

// badRow is a row whose amount can be read, with one field exchanged.
func badRow(column int, value string) string {
	f := strings.Split("S1,1,2025-03-01,X1,09,1,2,3.00", ",")
	f[column] = value
	return strings.Join(f, ",")
}

func TestRejectedRows(t *testing.T) {
	good := "S2,2,2025-03-01,X1,09,1,2,4.00"
	for name, c := range map[string]struct {
		row, column, reason string
		cents               int64
	}{
		"finer amount":  {badRow(7, "1.234"), "det_item_fee_sumamt", "有效小数超过 2 位", 0},
		"exponent":      {badRow(7, "1e5"), "det_item_fee_sumamt", "“1e5”写法不对", 0},
		"currency":      {badRow(7, "￥3"), "det_item_fee_sumamt", "“￥3”写法不对", 0},
		"no day":        {badRow(2, "2025-02-30"), "fee_ocur_time", "不存在", 300},
		"exponent id":   {badRow(0, "5.2E+25"), "setl_id", "科学计数法", 300},
		"decimal id":    {badRow(1, "123.0"), "feedetl_sn", "科学计数法或带小数", 300},
		"missing":       {badRow(3, "null"), "med_list_codg", "不能为空", 300},
		"fewer":         {"S1,1,2025-03-01,X1", "", "只有 4 个字段", 0},
		"more":          {badRow(7, "3.00,x"), "", "有 9 个字段", 0},
		"other mark":    {strings.ReplaceAll(badRow(0, "S1"), ",", "|"), "", "只有 1 个字段", 0},
		"nul":           {badRow(3, "X\x001"), "", "NUL", 300},
		"open quote":    {badRow(3, `"X1`), "", "双引号", 0},
		"quote junk":    {badRow(3, `"X1"x`), "", "双引号", 0},
		"wrong bytes":   {badRow(3, "\xFF\xFE"), "", "无法解码", 300},
		"overlong line": {badRow(3, strings.Repeat("x", 10<<20)), "", "超过", 0},
	} {
		content := feeHeader + "\n中,文,字,字,字,字,字,字\n" + c.row + "\n" + good + "\n"
		src := source(t, "fee_line", "fee_line.csv", []byte(content))
		src.Encoding = encUTF8
		got := drain(t, src)
		if got.err != nil || len(got.rows) != 1 || len(got.rejects) != 2 {
			t.Errorf("%s: %v, %d rows, %d rejected", name, got.err, len(got.rows), len(got.rejects))
			continue
		}
		r := got.rejects[1]
		if r.LineNo != 3 || r.Column != c.column || !strings.Contains(r.Reason, c.reason) || r.Cents != c.cents || r.Raw == "" || r.Masked == "" {
			t.Errorf("%s: line %d column %q cents %d: %s", name, r.LineNo, r.Column, r.Cents, r.Reason)
		}
		if len(r.Raw) > maxRaw+200 || strings.ContainsRune(r.Raw, 0) {
			t.Errorf("%s: raw text of %d bytes", name, len(r.Raw))
		}
		if got.rows[0]["line_no"] != "4" {
			t.Errorf("%s: the next row is on line %s", name, got.rows[0]["line_no"])
		}
	}
}

func TestOverlongLineSaysItWasCut(t *testing.T) {
	got := decodeText(t, "fee_line", feeHeader+"\n"+strings.Repeat("x", 10<<20))
	if len(got.rejects) != 1 || !strings.Contains(got.rejects[0].Raw, "已截断；原长 10485760 字节") {
		t.Fatalf("%d rejected", len(got.rejects))
	}
}

func TestPersonalDataStaysHidden(t *testing.T) {
	header := "setl_id,mdtrt_id,psn_no,insutype,med_type,fixmedins_code,setl_time,medfee_sumamt,fund_pay_sumamt,psn_name,certno,phone"
	row := "S1,M1,51000000000000000001,310,11,H50010300001,2025-03-01,10.00,1.234,测试甲,500105199001010000,13800000000"
	short := "S2,M1,51000000000000000001,310,11,H50010300001,2025-03-01,10.00,1.00,测试甲,50010519900101000X"
	id := "S3,M1,5.1E+19,310,11,H50010300001,2025-03-01,10.00,1.00,测试甲,500105199001010000,1"
	got := decodeText(t, "settlement", header+"\n"+row+"\n"+short+"\n"+id+"\n")
	if len(got.rejects) != 3 {
		t.Fatalf("%+v", got)
	}
	if want := "S1,M1,*,310,11,H50010300001,2025-03-01,10.00,1.234,*,*,*"; got.rejects[0].Masked != want || got.rejects[0].Raw != row {
		t.Errorf("masked %q, raw %q", got.rejects[0].Masked, got.rejects[0].Raw)
	}
	if want := "S2,M1,*,310,11,H50010300001,2025-03-01,10.00,1.00,*,*"; got.rejects[1].Masked != want {
		t.Errorf("masked %q", got.rejects[1].Masked)
	}
	if r := got.rejects[2]; r.Column != "psn_no" || strings.Contains(r.Reason, "5.1E") || r.Cents != 1000 {
		t.Errorf("%+v", r)
	}
}

// A blank around a value is dropped, quotes or not: a code must not keep its quotes because a blank stands before them.
func TestBlankBeforeQuote(t *testing.T) {
	for sep, blank := range map[string]string{",": " \t", "|": "\t", "\t": "  "} {
		row := strings.Join([]string{"S1", blank + `"1"` + blank, "2025-03-01", blank + `"X` + sep + `1"`, "09", "1", "2", "3"}, sep)
		got := decodeText(t, "fee_line", strings.ReplaceAll(feeHeader, ",", sep)+"\n"+row+"\n")
		if got.err != nil || len(got.rows) != 1 || got.rows[0]["feedetl_sn"] != "1" || got.rows[0]["med_list_codg"] != "X"+sep+"1" {
			t.Errorf("%q: %v, %v, %+v", sep, got.err, got.rows, got.rejects)
		}
	}
}

func TestQuotedFields(t *testing.T) {
	content := feeHeader + ",medins_list_name\n" +
		`"S1","1","2025-03-01","X1","09","1","2","1,234.50","a ""b"", c` + "\r\nd\"\n" +
		"S2,2,2025-03-01,X1,09,1,2,3,5\"x\n" +
		`S3,3,2025-03-01,X1,09,1,2,3,"open` + "\n" +
		"S4,4,2025-03-01,X1,09,1,2,3,\"tail\" \t\n"
	want := []string{"a \"b\", c\r\nd", "5\"x", "tail"}
	for chunk := range 200 {
		src := source(t, "fee_line", "fee_line.csv", []byte(content))
		src.chunkSize = chunk // 0 is the usual size
		got := drain(t, src)
		if got.err != nil || len(got.rows) != 3 || len(got.rejects) != 1 {
			t.Fatalf("chunk %d: %v, %v, %+v", chunk, got.err, got.rows, got.rejects)
		}
		for i, line := range []string{"2", "4", "6"} {
			if r := got.rows[i]; r["line_no"] != line || r["medins_list_name"] != want[i] {
				t.Fatalf("chunk %d: %v", chunk, r)
			}
		}
		if got.rejects[0].LineNo != 5 || got.rows[0]["det_item_fee_sumamt_cents"] != "123450" {
			t.Fatalf("chunk %d: %+v", chunk, got)
		}
	}
}

// The characters 鮸 (F5 7C) and 榐 (98 5E) end in the bytes of | and ^.
func TestGB18030TrailBytes(t *testing.T) {
	for _, sep := range []string{"|", "^", ","} {
		text := strings.ReplaceAll(feeHeader+",medins_list_name\nS1,1,2025-03-01,X1,09,1,2,3,NAME\nS2,2,2025-03-01,X1,09,1,2,3,\"NAME\"\n", ",", sep)
		raw := gb(t, strings.ReplaceAll(text, "NAME", "甲\U00020000"))
		for _, trail := range []string{"\xF5\x7C", "\x98\x5E", "\x81\x30\x81\x30", "\x80"} {
			content := bytes.ReplaceAll(raw, gb(t, "甲"), []byte(trail))
			want, err := simplifiedchinese.GB18030.NewDecoder().String(trail + string(gb(t, "\U00020000")))
			if err != nil {
				t.Fatal(err)
			}
			for _, chunk := range []int{0, 1, 33} {
				src := source(t, "fee_line", "fee_line.txt", content)
				src.chunkSize = chunk
				got := drain(t, src)
				if got.err != nil || got.info.Encoding != encGB || got.info.Separator != sep || len(got.rows) != 2 {
					t.Fatalf("%q %x: %v %+v %+v", sep, trail, got.err, got.info, got.rejects)
				}
				for _, r := range got.rows {
					if r["medins_list_name"] != want {
						t.Errorf("%q %x: %q, want %q", sep, trail, r["medins_list_name"], want)
					}
				}
			}
		}
	}
}

func TestEncodingDetection(t *testing.T) {
	header, row := feeHeader+",medins_list_name\n", "S1,1,2025-03-01,X1,09,1,2,3,复方制剂\n"
	for name, c := range map[string]struct {
		content  []byte
		encoding string
		rows     int
	}{
		"utf-8":           {[]byte(header + row), encUTF8, 1},
		"bom":             {[]byte("\uFEFF" + header + row), encUTF8BOM, 1},
		"gb18030":         {gb(t, header+row), encGB, 1},
		"utf-8, one bad":  {[]byte(header + strings.Repeat(row, 9) + "S1,1,2025-03-01,X1,09,1,2,3,\xFF\n"), encUTF8, 9},
		"gb18030, 1 bad":  {append(gb(t, header+strings.Repeat(row, 9)), "S1,1,2025-03-01,X1,09,1,2,3,\xFF\n"...), encGB, 9},
		"gb, 1 of utf-8 ": {append(gb(t, header+strings.Repeat(row, 9)), "S1,1,2025-03-01,X1,09,1,2,3,制\n"...), encGB, 9},
	} {
		got := drain(t, source(t, "fee_line", "fee_line.csv", c.content))
		if got.err != nil || got.info.Encoding != c.encoding || len(got.rows) != c.rows || got.rows[0]["medins_list_name"] != "复方制剂" {
			t.Errorf("%s: %v, %s, %d rows, %+v", name, got.err, got.info.Encoding, len(got.rows), got.rejects)
		}
	}
}

func TestLabelsCodesAndDefaults(t *testing.T) {
	got := decodeText(t, "fee_line", feeHeader+",bilg_dr_codg,er_flag,drug_trac_codg\n"+
		"S1,1,2025-03-01,X1,09,1,2,3, ｄ500105000001\u3000,是,8.1E+19\nS2,1,2025-03-01,X1,09,1,2,3,nan,7,\u00A0\n")
	if len(got.rows) != 2 {
		t.Fatalf("%+v", got)
	}
	if r := got.rows[0]; r["bilg_dr_codg"] != "D500105000001" || r["er_flag"] != "1" || r["drug_trac_codg"] != "8.1E+19" {
		t.Errorf("%v", r)
	}
	_, hasCode := got.rows[1]["bilg_dr_codg"]
	_, hasTrace := got.rows[1]["drug_trac_codg"]
	if hasCode || hasTrace || got.rows[1]["er_flag"] != "7" {
		t.Errorf("%v", got.rows[1])
	}

	got = decodeText(t, "settlement", "setl_id,mdtrt_id,psn_no,insutype,med_type,fixmedins_code,setl_time,medfee_sumamt,fund_pay_sumamt,vali_flag\n"+
		"S1,M1,1,310,急诊,H1,20250301083000123,10,1,\n")
	if len(got.rows) != 1 || got.rows[0]["med_type"] != "13" || got.rows[0]["refd_setl_flag"] != "0" || got.rows[0]["vali_flag"] != "1" ||
		got.rows[0]["setl_time"] != "2025-03-01 08:30:00Z" {
		t.Errorf("%+v", got)
	}

	got = decodeText(t, "practitioner_status", "snapshot_date,prac_psn_code,fixmedins_code,status\n"+
		"2025-03-01,D1,H1,暂停\n20250301,d1,H1,normal\n2025-03-01,D1,H1,休息\n")
	if len(got.rows) != 2 || got.rows[0]["status"] != "suspended" || len(got.rejects) != 1 || got.rejects[0].Column != "status" {
		t.Fatalf("%+v", got)
	}
	if got.rows[0]["row_key"] != got.rows[1]["row_key"] {
		t.Error("the same key written in two ways has two hashes")
	}
}

func TestRulesAcrossColumns(t *testing.T) {
	decisions := source(t, "points_decision", "points_decision.csv", []byte("decision_no,prac_psn_code,decided_on,article,item,points,state\n"+
		"1,D1,2025-03-01,29,a,3,final\n2,D1,2025-03-01,29,a,4,final\n3,D1,2025-03-01,33,a,4,final\n4,D1,2025-03-01,32,a,12,final\n"+
		"5,D1,2025-03-01,30,a,3.5,final\n6,,2025-03-01,32,a,12,final\n7,D1,2025-03-01,32,a,12,agreed\n"))
	decisions.Bands = []Band{{"29", 1, 3}, {"32", 10, 12}}
	got := drain(t, decisions)
	for i, want := range []string{"4 分不在第 29 条的记分范围内；该条应为 1 到 3 分", "“33”不在允许的范围内；请填 29、30、31、32 之一",
		"points 列 points：数值“3.5”不是整数；请写半角整数，例如 3（条款：第 30 条）", "prac_psn_code 列 prac_psn_code：不能为空，请填写（条款：第 32 条）",
		"state 列 state：代码“agreed”不在允许的范围内；请填 proposed、final、revoked 之一（条款：第 32 条）"} {
		if len(got.rejects) != 5 || !strings.Contains(got.rejects[i].Column+" "+got.rejects[i].Reason, want) {
			t.Fatalf("rejected %+v, want %s", got.rejects, want)
		}
	}
	decisions.Bands = []Band{{"29", 1, 4}} // another region's rule pack
	if got = drain(t, decisions); len(got.rows) != 3 {
		t.Errorf("%+v", got)
	}
	repairs := source(t, "repair", "repair.csv", []byte("repair_no,prac_psn_code,kind,done_on\n1,D1,prayer,2025-03-01\n"))
	repairs.Article = "43"
	if got = drain(t, repairs); len(got.rejects) != 1 || !strings.HasSuffix(got.rejects[0].Reason, "study、publicity、on_site 之一（条款：第 43 条）") {
		t.Errorf("%+v", got.rejects)
	}
	got = decodeText(t, "review", "review_no,decision,setl_id,decided_on,decided_by,reason,prac_psn_code\n"+
		"1,correct_practitioner,S1,2025-03-01,测试甲,改,\n2,correct_practitioner,S1,2025-03-01,测试甲,改,d1\n3,release,S1,2025-03-01,测试甲,改,\n")
	if len(got.rows) != 2 || len(got.rejects) != 1 || got.rejects[0].Column != "prac_psn_code" {
		t.Errorf("%+v", got)
	}
}

func TestStopping(t *testing.T) {
	content := []byte(feeHeader + "\n" + strings.Repeat("S1,1,2025-03-01,X1,09,1,2,3\nS1,1,2025-03-01,X1,09,1,2,x\n", 5000))
	src := source(t, "fee_line", "fee_line.csv", content)
	src.chunkSize = 512
	r, err := Open(context.Background(), src)
	if err != nil || !r.Next() {
		t.Fatal(err)
	}
	r.Close()
	if r.Next() || r.Err() != nil {
		t.Errorf("after Close: %v", r.Err())
	}
	r.Release()
	if left := r.alloc.AllocatedBytes(); left != 0 {
		t.Errorf("%d bytes left after Close", left)
	}

	ctx, cancel := context.WithCancel(context.Background())
	if r, err = Open(ctx, src); err != nil {
		t.Fatal(err)
	}
	cancel()
	for r.Next() {
		continue
	}
	if pipeline.KindOf(r.Err()) != pipeline.KindInterrupted {
		t.Errorf("cancelled: %v", r.Err())
	}
	r.Release()

	mine := errors.New("disk full")
	src.Reject = func(pipeline.RejectedRow) error { return mine }
	if r, err = Open(context.Background(), src); err != nil {
		t.Fatal(err)
	}
	for r.Next() {
		continue
	}
	if !errors.Is(r.Err(), mine) {
		t.Errorf("refused row: %v", r.Err())
	}
	r.Release()
	if left := r.alloc.AllocatedBytes(); left != 0 {
		t.Errorf("%d bytes left", left)
	}
}

func TestProgressAddsUpToTheFile(t *testing.T) {
	content := feeHeader + "\n" + strings.Repeat("S1,1,2025-03-01,X1,09,1,2,3\n", 1000)
	src := source(t, "fee_line", "fee_line.csv", []byte(content))
	src.chunkSize = 1000
	var sum int64
	src.Progress = func(n int64) { sum += n }
	drain(t, src)
	if want := int64(len(content) - len(feeHeader) - 1); sum != want {
		t.Errorf("told of %d bytes, want %d", sum, want)
	}
}

func benchmarkText(rows int) string {
	var b strings.Builder
	b.WriteString(feeHeader + ",medins_list_name,bilg_dr_codg,bilg_dr_name,er_flag,drug_trac_codg\n")
	for i := range rows {
		fmt.Fprintf(&b, "5000002025030%07d,%06d,2025-03-%02d 08:%02d:00,X%022d,%02d,%d,%d.%02d,%d.%02d,复方制剂药品名称%04d号(0.25g*24片),D500105%06d,测试甲,0,8%019d\n",
			i/10, i, i%31+1, i%60, i%8000, i%14+1, i%9+1, i%900, i%100, i%9000, i%100, i%8000, i%600, i)
	}
	return b.String()
}

func BenchmarkDecode(b *testing.B) {
	text := benchmarkText(100_000)
	for _, c := range []struct {
		name    string
		content []byte
	}{{"utf-8", []byte(text)}, {"gb18030", gb(b, text)},
		{"quoted", []byte(`"` + strings.ReplaceAll(strings.ReplaceAll(text, ",", `","`), "\n", "\"\n\""))}} {
		b.Run(c.name, func(b *testing.B) {
			src := source(b, "fee_line", "fee_line.csv", c.content)
			b.SetBytes(int64(len(c.content)))
			for b.Loop() {
				r, err := Open(context.Background(), src)
				if err != nil {
					b.Fatal(err)
				}
				for r.Next() {
					continue
				}
				if r.Err() != nil {
					b.Fatal(r.Err())
				}
				r.Release()
			}
		})
	}
}

// A file big enough to be looked at in sections must not be cut inside a character: each two-byte character would then
// count as broken, and one broken byte anywhere decides between the encodings.
func TestEncodingOfBigFile(t *testing.T) {
	gb := bytes.Repeat([]byte("\xbd\xad\xb1\xb1\xc7\xf8,"), 5<<20)
	utf := bytes.Repeat([]byte("江北区,"), 4<<20)
	damaged := append(bytes.Repeat([]byte("a,b\n"), 10<<20), 0xbd, 0xad)
	for _, c := range []struct {
		name, want string
		content    []byte
	}{{"gb18030", encGB, gb}, {"utf-8", encUTF8, utf}, {"last character decides", encGB, damaged}} {
		path := filepath.Join(t.TempDir(), "fee_line.csv")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := detect(t.Context(), &Source{Path: path}, f)
		if err != nil || got.name != c.want {
			t.Errorf("%s: got %q, %v", c.name, got.name, err)
		}
	}
}
