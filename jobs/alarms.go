package jobs

import (
	"context"
	"fmt"
	"time"

	"claimsaudit/pipeline"
)

// Alarm is a matter that no run reports and a person must see to. Texts are the centre's, in Chinese.
type Alarm struct {
	Key   string // the same matter has the same key: mailed once per key
	Title string
	Text  string
}

// Alarms are those of the moment. That a machine runs well on old snapshots is one of its own.
func (m *Monitor) Alarms(ctx context.Context, now time.Time) []Alarm {
	m.refresh(ctx)
	h := m.state()
	today := now.In(pipeline.Shanghai).Format(time.DateOnly)
	var all []Alarm
	if h.snapshotStale(now) {
		all = append(all, Alarm{"freshness " + h.figures.snapshotOn.Format(time.DateOnly), "登记备案状态快照过期",
			fmt.Sprintf("最新的登记备案状态快照是 %s的，距今 %d 天，超过设定的 %d 天。此后的审核结论所依据的人员状态可能已经过时。\n"+
				"请向登记备案管理部门索取最新的 practitioner_status 文件，放入收件目录。",
				chineseDay(h.figures.snapshotOn), days(h.snapshotAge(now)), days(h.config.Operation.SnapshotMaxAge))})
	}
	if free, err := diskFree(h.config.Settings.Data); err == nil && h.diskLow(free) {
		all = append(all, Alarm{"disk " + today, "磁盘空间不足",
			fmt.Sprintf("数据目录所在的磁盘只剩 %s，低于设定的 %d MB。\n请清理磁盘或扩容。空间用尽时任务会停下，已完成的步骤不会丢失。",
				megabytes(free), h.config.Operation.DiskFreeMinMB)})
	}
	if h.clockSuspect != nil {
		all = append(all, Alarm{"clock " + today, "系统时间可疑",
			"系统时间与运行记录对不上，可能有误。\n请用 timedatectl 核对日期、时间与时区，改正后重新启动服务。"})
	}
	return all
}

func chineseDay(t time.Time) string {
	return fmt.Sprintf("%d 年 %d 月 %d 日", t.Year(), t.Month(), t.Day())
}
