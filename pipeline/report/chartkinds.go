package report

import "github.com/xuri/excelize/v2"

// Colours of the charts: told apart by their darkness too, because many print in grey.
const (
	metColour   = "2F7F8F"
	faintColour = "B9D3D9"
)

func chartFont(size float64, bold bool) *excelize.Font {
	return &excelize.Font{Family: bookFont, Size: size, Bold: bold, Color: inkColour}
}

// newChart has what the four charts share: half the sheet wide, bound to its cells because programs disagree about
// the width of a column, in the font of the workbook, without a frame.
func newChart(kind excelize.ChartType, title, alt string, bars int) *excelize.Chart {
	yes := true
	gap := uint(45)
	if bars < 6 {
		gap = uint(60 * (6 - bars)) // a single bar must not fill the chart
	}
	return &excelize.Chart{
		Type:      kind,
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: chartFont(11, true)}}},
		Dimension: excelize.ChartDimension{Width: 612, Height: chartRows * rowPixels},
		Format: excelize.GraphicOptions{AltText: alt, Positioning: "twoCell", ScaleX: 1, ScaleY: 1, OffsetX: 4,
			PrintObject: &yes, Locked: &yes},
		Legend:       excelize.ChartLegend{Position: "none"},
		XAxis:        excelize.ChartAxis{Font: *chartFont(9, false)},
		YAxis:        excelize.ChartAxis{Font: *chartFont(9, false)},
		Border:       excelize.LineOptions{Type: excelize.LineNone},
		ShowBlanksAs: "gap",
		GapWidth:     &gap,
	}
}

func fillOf(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

// bars draws amounts as lying bars with their values beside them, the first on top.
func (f *front) bars(r chartRange, title, alt, colour string) []*excelize.Chart {
	if r.isEmpty() {
		return nil
	}
	c := newChart(excelize.Bar, title, alt, r.last-r.first+1)
	c.XAxis.ReverseOrder = true
	c.YAxis.None = true
	zero := 0.0
	c.YAxis.Minimum = &zero
	c.PlotArea = excelize.ChartPlotArea{ShowVal: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0.00"}}
	c.Series = []excelize.ChartSeries{{Name: r.title('D'), Categories: r.column('C'), Values: r.column('D'), Fill: fillOf(colour),
		DataLabel: excelize.ChartDataLabel{Font: *chartFont(8, false)}, DataLabelPosition: excelize.ChartDataLabelsPositionOutsideEnd}}
	return []*excelize.Chart{c}
}

func (f *front) placeChart(r chartRange) []*excelize.Chart {
	return f.bars(r, "扣款最多的机构（元）", "条形图：扣款最多的机构及金额，数据见“"+sheetChartData+"”表图一", alertColour)
}

func (f *front) reasonChart(r chartRange) []*excelize.Chart {
	return f.bars(r, "扣款原因（元）", "条形图：各规则的扣款金额，数据见“"+sheetChartData+"”表图三", accentColour)
}

// monthChart draws the claimed as columns and the withheld, a small part of it, as a line on an axis of its own.
func (f *front) monthChart(r chartRange) []*excelize.Chart {
	if r.isEmpty() {
		return nil
	}
	columns := newChart(excelize.Col, "近十二个月申报与扣款", "柱线图：各月申报与扣款，数据见“"+sheetChartData+"”表图二", r.last-r.first+1)
	zero := 0.0
	var fund, withheld cents
	for _, m := range f.book.summary.Trend {
		fund, withheld = max(fund, m.Fund), max(withheld, m.Withhold)
	}
	axis := func(title string, most cents) excelize.ChartAxis {
		format := "#,##0"
		if most < 10_0000_00 { // below ten units of the axis
			format = "0.00"
		}
		return excelize.ChartAxis{Font: *chartFont(9, false), Minimum: &zero, NumFmt: excelize.ChartNumFmt{CustomNumFmt: format},
			Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: chartFont(9, false)}}}}
	}
	columns.Legend = excelize.ChartLegend{Position: "bottom", Font: chartFont(9, false)}
	columns.YAxis = axis("申报（万元）", fund)
	columns.YAxis.MajorGridLines = true
	columns.Series = []excelize.ChartSeries{{Name: r.title('D'), Categories: r.column('A'), Values: r.column('D'), Fill: fillOf(faintColour)}}
	line := newChart(excelize.Line, "", "", 0)
	line.YAxis = axis("扣款（万元）", withheld)
	line.YAxis.Secondary = true
	line.Series = []excelize.ChartSeries{{Name: r.title('E'), Categories: r.column('A'), Values: r.column('E'), Fill: fillOf(alertColour),
		Line: excelize.LineOptions{Type: excelize.LineSolid, Width: 2}, Marker: excelize.ChartMarker{Symbol: "circle", Size: 6, Fill: fillOf(alertColour)}}}
	return []*excelize.Chart{columns, line}
}

// ratioChart draws how many institutions of those with data reach each threshold.
func (f *front) ratioChart(r chartRange) []*excelize.Chart {
	if r.isEmpty() {
		return nil
	}
	c := newChart(excelize.BarPercentStacked, "比率达标情况（机构家数）", "百分比条形图：各比率达标与未达标的机构家数，数据见“"+sheetChartData+"”表图四", 6)
	c.XAxis.ReverseOrder = true
	c.YAxis.None = true
	c.Legend = excelize.ChartLegend{Position: "bottom", Font: chartFont(9, false)}
	c.PlotArea = excelize.ChartPlotArea{ShowVal: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "0;;"}}
	label := func(colour string) excelize.ChartDataLabel {
		font := chartFont(9, true)
		font.Color = colour
		return excelize.ChartDataLabel{Font: *font}
	}
	c.Series = []excelize.ChartSeries{
		{Name: r.title('D'), Categories: r.column('C'), Values: r.column('D'), Fill: fillOf(metColour), DataLabel: label("FFFFFF")},
		{Name: r.title('E'), Categories: r.column('C'), Values: r.column('E'), Fill: fillOf("E3B7B4"), DataLabel: label(inkColour)},
	}
	return []*excelize.Chart{c}
}
