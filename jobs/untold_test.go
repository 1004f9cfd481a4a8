package jobs

import (
	"context"
	"strings"
	"testing"

	"claimsaudit/pipeline/mail/mailtest"
)

// What a run found before it was stopped is new to nobody else: the next run that comes to its end tells of it, once.
func TestInterruptedFindingsAreMailed(t *testing.T) {
	o := newMailOffice(t)
	o.deliverFiles()
	o.writeFile("settlement_broken.csv", "nonsense\n1\n")
	o.writeFile("review_x.csv", "review_no,decision,setl_id,decided_on,decided_by,reason\n"+
		strings.Repeat("R1,uphold,S1,2025-04-01,a,b\n", 100)+"R2,uphold,S1,2025-02-30,secret-of-a-person,b\n")
	o.run(0, Request{Job: Housekeeping}) // the warehouse is there
	for range 2 {                        // the second one has nothing of its own
		ctx, cancel := context.WithCancel(context.Background())
		o.Progress = atStep{"compute", cancel}
		if _, err := o.Run(ctx, Request{Job: Nightly, AsOf: o.day()}); err == nil || ctx.Err() == nil {
			t.Fatalf("the run was not stopped: %v", err)
		}
	}
	o.Progress = nil
	o.wantMails()
	out := o.run(0, Request{Job: Nightly})
	o.wantMails(operator + ": 2025年4月3日每日审核简报：1 个文件被拒收，1 行数据被拒收")
	m := mailtest.Parse(t, o.server.Received()[0].Raw)
	for _, want := range []string{"settlement_broken.csv：", "/quarantine/review_x.rejected-", "claimsaudit replay", out.RunID} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("no %q in\n%s", want, m.Text)
		}
	}
	if strings.Count(m.Text, "settlement_broken.csv") != 1 || strings.Contains(m.Text, "secret-of-a-person") {
		t.Errorf("%s", m.Text)
	}
	o.run(0, Request{Job: Nightly})
	if n := len(o.server.Received()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// Who gets the alarm of a failed run is spared the daily mail only if that would say nothing more.
func TestAlarmDoesNotSwallowFindings(t *testing.T) {
	o := newMailOffice(t) // its operator gets both
	o.writeFile("settlement_broken.csv", "nonsense\n1\n")
	o.writeFile("review_x.csv", "review_no,decision,setl_id,decided_on,decided_by,reason\nR2,uphold,S1,2025-02-30,a,b\n")
	o.run(4, Request{Job: Nightly})
	alarm := operator + ": 【告警】每日审核失败：被拒收的数据超过限额，本次未作审核"
	daily := operator + ": 2025年4月3日每日审核简报：运行失败，1 个文件被拒收，1 行数据被拒收"
	o.wantMails(alarm, daily)
	o.Config.Settings.Inbox += "-unmounted"
	o.run(2, Request{Job: Nightly})
	o.wantMails(alarm, daily, operator+": 【告警】每日审核失败：参数、目录或配置有误")
}
