package pipeline

// Funds and Insurances are what an institution's yearly report tells apart (江医保中心发〔2024〕16号, Annex 1 and 3, part 2).
var (
	Funds = []Titled{{"outpatient", "门诊统筹（含慢特病）"}, {"inpatient", "住院"}, {"large_amount", "职工大额保险"},
		{"serious_illness", "大病保险"}, {"medical_aid", "医疗救助"}, {"pooled", "统筹基金"}}
	Insurances = []Titled{{"employee", "职工医保"}, {"resident", "居民医保"}}
)

// Titled is a code with the words the office knows it by.
type Titled struct{ Name, Title string }

// ReportItems are the figures a self-report may give: visits as a number, amounts in 10,000 yuan.
func ReportItems() (items []string) {
	for _, i := range ReportItemTitles() {
		items = append(items, i.Name)
	}
	return items
}

// ReportItemTitles are the items with their Chinese labels, in the order of the form.
func ReportItemTitles() (items []Titled) {
	for _, fund := range Funds {
		for _, insu := range Insurances {
			items = append(items,
				Titled{"visits_" + fund.Name + "_" + insu.Name, fund.Title + "人次（" + insu.Title + "）"},
				Titled{"amount_" + fund.Name + "_" + insu.Name, fund.Title + "金额（" + insu.Title + "，万元）"})
		}
	}
	return items
}
