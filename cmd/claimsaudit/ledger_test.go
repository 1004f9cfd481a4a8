package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run that is a link of the chain must stay in the ledger when the same command finds nothing to do later.
func TestFinishedRunsStayInTheLedger(t *testing.T) {
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	monthly := []string{"run", "monthly", "--period", "2025-03", "--as-of", "2025-04-02"}
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-01")
	first, _ := s.must(t, 0, monthly...)
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-03")
	second, _ := s.must(t, 0, monthly...)
	id := func(out string) string { return strings.Fields(out)[1] }
	if id(first) == id(second) {
		t.Fatalf("both runs are %s", id(first))
	}
	status, _ := s.must(t, 0, "status")
	for _, want := range []string{id(first), id(second)} {
		if !strings.Contains(status, want) {
			t.Errorf("%s is missing in\n%s", want, status)
		}
	}
}

// A month that a later statement closed has no statement of its own, and its report names none.
func TestSkippedMonthNamesNoStatement(t *testing.T) {
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	s.must(t, 0, "run", "monthly", "--period", "2025-05", "--as-of", "2025-06-03")
	s.must(t, 0, "run", "monthly", "--period", "2025-03", "--as-of", "2025-06-04")
	page, err := os.ReadFile(filepath.Join(s.data, "reports", "2025-03", "claimsaudit-2025-03.html"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "500105-2025-03") {
		t.Error("the page names a statement that was never issued")
	}
}

// An id in the amount column is one rejected row and no obstacle to any later run.
func TestAbsurdAmountDoesNotStopTheAudit(t *testing.T) {
	s := newSite(t)
	s.deliver(t, "testdata/delivery/2025-03")
	header := "setl_id,mdtrt_id,psn_no,insutype,med_type,fixmedins_code,setl_time,medfee_sumamt,fund_pay_sumamt\n"
	good := strings.Repeat("SX,M,P,310,11,H50010500001,2025-03-20,10.00,9.00\n", 30)
	s.write(t, "settlement_shifted.csv", []byte(header+good+"SY,M,P,310,11,H50010500001,2025/03/20,50010520250390001,90.00\n"))
	s.write(t, "settlement_shifted_too.csv", []byte(header+good+"SZ,M,P,310,11,H50010500001,2025-03-20,50010520250390001,90.00\n"))
	s.must(t, 0, "run", "nightly", "--as-of", "2025-04-01")
	out, _ := s.must(t, 0, "query", "SELECT count(*) FROM mart.rejected_row WHERE file_name LIKE 'settlement_shifted%'", "--format", "csv")
	if !strings.Contains(out, "\n2\n") {
		t.Errorf("want 2 rejected rows, got %s", out)
	}
}
