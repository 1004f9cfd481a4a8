package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"claimsaudit/configs"
	"claimsaudit/pipeline"
	"claimsaudit/pipeline/report"
	"claimsaudit/pipeline/warehouse"
)

// TemplateRequest says which forms to write.
type TemplateRequest struct {
	Year        int
	Dir         string
	Institution string // "" is all
	All         bool   // also what the program computes, so that a person may correct it
}

// formInstitution is one institution as the publication knows it.
type formInstitution struct{ code, name, kind, ownership string }

// WriteTemplates writes the forms for evidence and for the institutions' self-reports of a year, filled in as far as
// they are known, and returns their paths. It reads the publication, so it needs no lock.
func (r *Runner) WriteTemplates(ctx context.Context, req TemplateRequest) ([]string, error) {
	if err := r.Config.ScorecardYears(req.Year); err != nil {
		return nil, err
	}
	institutions, err := r.formInstitutions(ctx, req)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(req.Dir, 0o755); err != nil {
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "write form", Where: req.Dir, Err: err, Hint: "name a folder with --out that exists or can be made"}
	}
	name := fmt.Sprintf("_%d", req.Year)
	if req.Institution != "" {
		name += "_" + req.Institution
	}
	evidence, selfReport := r.evidenceForm(req, institutions), r.selfReportForm(req, institutions)
	evidence.Path = filepath.Join(req.Dir, "indicator_evidence"+name+".xlsx")
	selfReport.Path = filepath.Join(req.Dir, "self_report"+name+".xlsx")
	return report.WriteForms([]report.Form{evidence, selfReport})
}

func (r *Runner) formInstitutions(ctx context.Context, req TemplateRequest) (list []formInstitution, err error) {
	mart, err := warehouse.OpenMart(ctx, r.PublishedPath())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mart.Close()) }()
	rows, err := mart.QueryContext(ctx, `SELECT fixmedins_code, fixmedins_name, fixmedins_type, coalesce(ownership, '')
FROM mart.institution WHERE valid_to IS NULL AND (fixmedins_code = $1 OR $1 = '') ORDER BY fixmedins_type, fixmedins_code`, req.Institution)
	if err != nil {
		return nil, fmt.Errorf("read institutions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var i formInstitution
		if err := rows.Scan(&i.code, &i.name, &i.kind, &i.ownership); err != nil {
			return nil, fmt.Errorf("read institutions: %w", err)
		}
		list = append(list, i)
	}
	if len(list) == 0 && rows.Err() == nil {
		what, hint := "the registry has no institution yet", "deliver"
		if req.Institution != "" {
			what, hint = "the registry has no such institution", "check the code, or deliver"
		}
		return nil, &pipeline.Error{Kind: pipeline.KindUsage, Op: "write form", Where: req.Institution, Err: errors.New(what),
			Hint: hint + " the institution feed and run `claimsaudit run nightly` first"}
	}
	return list, rows.Err()
}

// header is the Chinese header of a column, or its own name where the layouts in use do not know it.
func (r *Runner) header(column, chinese string) string {
	if r.Config.Layout.Aliases[strings.ReplaceAll(chinese, " ", "")] == column {
		return chinese
	}
	return column
}

func (r *Runner) formColumn(column, chinese string, width float64, answer report.Answer) report.FormColumn {
	return report.FormColumn{Header: r.header(column, chinese), Width: width, Answer: answer}
}

func given(value any) report.FormCell { return report.FormCell{Value: value} }
func toFill(open bool) report.FormCell {
	return report.FormCell{Open: open}
}

// wayWords says how a part is answered.
var wayWords = map[string]string{"yes_no": "填“是否”", "count": "填“次数”", "value": "填“数值”（百分数）", "event_on": "填“事项日期”，没有则填“否”"}

func (r *Runner) evidenceForm(req TemplateRequest, institutions []formInstitution) report.Form {
	form := report.Form{
		Title: fmt.Sprintf("%d 年度定点医药机构考核佐证填报表", req.Year), Author: r.Config.Settings.CentreName, At: r.Clock(),
		Lead: "只填底色单元格；填了结果的行须写明填写人和填写时间。没有结果的行留空即可。",
		Columns: []report.FormColumn{
			r.formColumn("fixmedins_code", "定点医药机构编号", 18, report.Given), {Header: "机构名称", Width: 24},
			r.formColumn("year", "考核年度", 10, report.Given), r.formColumn("indicator_no", "指标序号", 10, report.Given), {Header: "考核指标", Width: 34},
			r.formColumn("part", "分项", 16, report.Given), {Header: "分项说明", Width: 32}, {Header: "填写方式", Width: 34},
			r.formColumn("yes_no", "是否", 8, report.YesNo), r.formColumn("count", "次数", 8, report.Whole),
			r.formColumn("value", "数值", 10, report.Percent), r.formColumn("event_on", "事项日期", 13, report.Date),
			r.formColumn("document_no", "材料编号", 20, report.Words), r.formColumn("entered_by", "填写人", 12, report.Words),
			r.formColumn("entered_at", "填写时间", 13, report.Date),
		},
		Notes: []string{
			"1．每行是一家机构、一个指标的一个分项。请按“填写方式”填写对应的一列，其余各列不填。",
			"2．“是否”在下拉列表中选择；“次数”填整数；“数值”填百分数，不写百分号；日期写成 2025-01-10。",
			"3．“材料编号”写处罚通知书、整改通知书、影像资料等佐证材料的编号，没有的可以不写。",
			"4．“填写人”和“填写时间”：凡填了结果的行都要写，缺一项整行退回。",
			"5．同一分项可以再次报送：以填写时间最新的为准，以前填写的都保留，不会丢失。",
			"6．可以增加行：机构编号、考核年度、指标序号、分项照已有的行填写。不要改动第 3 行的表头，不要增加含有同样表头的工作表。",
			"7．填好后保留文件名开头的 indicator_evidence，放进收件目录即可；退回的行在运行后的拒收清单里写明原因。",
		},
	}
	for _, i := range institutions {
		card, _ := r.Config.Scorecard(i.kind, req.Year)
		if card == nil {
			continue
		}
		for _, p := range card.EvidenceParts() {
			if p.Computed && !req.All || !p.Indicator.MeantFor(i.ownership) {
				continue
			}
			form.Rows = append(form.Rows, []report.FormCell{given(i.code), given(i.name), given(req.Year), given(p.Indicator.No), given(p.Indicator.Title),
				given(p.Part), given(p.Title), given(wayWords[p.Way]), toFill(p.Way == "yes_no" || p.Way == "event_on"), toFill(p.Way == "count"),
				toFill(p.Way == "value"), toFill(p.Way == "event_on"), toFill(true), toFill(true), toFill(true)})
		}
	}
	return form
}

func (r *Runner) selfReportForm(req TemplateRequest, institutions []formInstitution) report.Form {
	form := report.Form{
		Title: fmt.Sprintf("%d 年度定点医药机构自评填报表", req.Year), Author: r.Config.Settings.CentreName, At: r.Clock(),
		Lead: "只填底色单元格：填报项目填“填报数值”，指标填“自评得分”；填了的行须写填报时间。",
		Columns: []report.FormColumn{
			r.formColumn("fixmedins_code", "定点医药机构编号", 18, report.Given), {Header: "机构名称", Width: 24},
			r.formColumn("year", "考核年度", 10, report.Given), r.formColumn("report_item", "填报项目", 38, report.Given),
			r.formColumn("figure", "填报数值", 16, report.Amount), r.formColumn("indicator_no", "指标序号", 10, report.Given),
			{Header: "考核指标", Width: 36}, {Header: "总分", Width: 8}, r.formColumn("self_score", "自评得分", 10, report.OwnScore),
			r.formColumn("reported_at", "填报时间", 13, report.Date),
		},
		Notes: []string{
			"1．每行报一项：有“填报项目”的行填“填报数值”，有“指标序号”的行填“自评得分”。",
			"2．人次填整数；金额以万元为单位，最多六位小数（精确到分），例如 123456.78 元填 12.345678。",
			"3．自评得分最多两位小数，不超过该指标的总分。否决项没有分值，不在表中。",
			"4．“填报时间”：凡填了的行都要写。再次报送时以填报时间最新的为准，以前的保留备查。",
			"5．不要改动第 3 行的表头，不要增加含有同样表头的工作表。保留文件名开头的 self_report，放进收件目录即可。",
		},
	}
	for _, i := range institutions {
		card, _ := r.Config.Scorecard(i.kind, req.Year)
		if card == nil {
			continue
		}
		head := []report.FormCell{given(i.code), given(i.name), given(req.Year)}
		for _, item := range reportItemsOf(card) {
			form.Rows = append(form.Rows, append(head[:3:3], given(r.itemLabel(item)), toFill(true), given(nil), given(nil), given(nil), toFill(false), toFill(true)))
		}
		for _, x := range card.Indicators {
			if x.Points > 0 && x.MeantFor(i.ownership) {
				form.Rows = append(form.Rows, append(head[:3:3], given(nil), toFill(false), given(x.No), given(x.Title), given(x.Points), toFill(true), toFill(true)))
			}
		}
	}
	return form
}

// reportItemsOf are the figures the table holds a self-report against, in its order.
func reportItemsOf(card *configs.Scorecard) (items []pipeline.Titled) {
	wanted := map[string]bool{}
	for _, x := range card.Indicators {
		for _, p := range x.Parts {
			for _, f := range p.Figures {
				wanted[strings.TrimSuffix(f, "_cents")] = true
			}
		}
	}
	for _, item := range pipeline.ReportItemTitles() {
		if wanted[item.Name] {
			items = append(items, item)
		}
	}
	return items
}

// itemLabel is the item in words, or its code where the layouts in use do not know them.
func (r *Runner) itemLabel(item pipeline.Titled) string {
	if r.Config.Layout.Labels["report_item"][item.Title] == item.Name {
		return item.Title
	}
	return item.Name
}
