package register_test

// What is taken off again: Article 43.
var casesOfRepair = []worked{
	{name: "Art. 43: study takes off up to three points a year",
		rows:  []row{gives("J1", "2025-03-04", 8), study("X1", "2025-03-10", 2, 0), study("X2", "2025-04-10", 2, 0), study("X3", "2025-05-10", 1, 0)},
		total: 5, listed: "X3 points_of_the_year_used_up", events: `
			2025-03-04 points J1 +8 = 8, circular
			2025-03-10 repair X1 -2 = 6
			2025-04-10 repair X2 -1 = 5`},
	{name: "Art. 43: publicity takes off one each time and three a year",
		rows:  []row{gives("J1", "2025-03-04", 8), publicity("X1", "2025-03-10"), publicity("X2", "2025-03-11"), publicity("X3", "2025-03-12"), publicity("X4", "2025-03-13")},
		total: 5, listed: "X4 points_of_the_year_used_up", events: "-"},
	{name: "Art. 43: on-site study needs five working days and counts once",
		rows:  []row{gives("J1", "2025-03-04", 8), onSite("X1", "2025-03-10", 4), onSite("X2", "2025-03-20", 5), onSite("X3", "2025-04-20", 9)},
		total: 5, listed: "X1 too_few_working_days, X3 points_of_the_year_used_up", events: "-"},
	{name: "Art. 43: the ways add up",
		rows:  []row{gives("J1", "2025-03-04", 8), gives("J2", "2025-03-05", 2), study("X1", "2025-06-10", 3, 0), publicity("X2", "2025-06-11"), publicity("X3", "2025-06-12"), publicity("X4", "2025-06-13"), onSite("X5", "2025-06-20", 5)},
		total: 1, events: "-"},
	{name: "Art. 43: the total never goes below zero, and limits count what was taken",
		rows:  []row{gives("J1", "2025-03-04", 2), study("X1", "2025-03-10", 3, 0), publicity("X2", "2025-03-11"), gives("J2", "2025-03-12", 3), study("X3", "2025-03-13", 3, 0)},
		total: 2, listed: "X2 no_points_left", events: `
			2025-03-04 points J1 +2 = 2
			2025-03-10 repair X1 -2 = 0
			2025-03-12 points J2 +3 = 3, talk
			2025-03-13 repair X3 -1 = 2`},
	{name: "Art. 43: limits begin again with the calendar year",
		rows: []row{gives("J1", "2024-12-10", 10), publicity("X1", "2024-12-20"), publicity("X2", "2024-12-21"), publicity("X3", "2024-12-22"), publicity("X4", "2025-01-10")},
		asOf: "2025-01-31", total: 6, events: `
			2024-12-10 points J1 +10 = 10, suspend [2024-12-10, 2025-04-10)
			2024-12-20 repair X1 -1 = 9
			2024-12-21 repair X2 -1 = 8
			2024-12-22 repair X3 -1 = 7
			2025-01-10 repair X4 -1 = 6`},
	{name: "Art. 43: taking points off does not lift a block",
		rows: []row{gives("J1", "2025-03-04", 9), onSite("X1", "2025-03-20", 5)}, total: 6, events: "-", days: "2025-05-03 suspended\n2025-05-04 expired"},
	{name: "Art. 43: repairs come after the day's decisions, by number",
		rows: []row{publicity("X2", "2025-03-04"), study("X1", "2025-03-04", 3, 0), gives("J1", "2025-03-04", 3)}, listed: "X2 no_points_left", events: `
			2025-03-04 points J1 +3 = 3, talk
			2025-03-04 repair X1 -3 = 0`},
	{name: "Art. 43: study shortens a running suspension",
		rows: []row{gives("J1", "2025-03-10", 10), study("X1", "2025-03-20", 1, 1)}, total: 9, days: "2025-06-09 suspended\n2025-06-10 expired", events: `
			2025-03-10 points J1 +10 = 10, suspend [2025-03-10, 2025-07-10)
			2025-03-20 repair X1 -1 = 9, suspend [2025-03-10, 2025-06-10)`},
	{name: "Art. 43: by three months a year in all",
		rows:  []row{gives("J1", "2025-03-10", 11), study("X1", "2025-03-20", 0, 2), study("X2", "2025-03-21", 0, 2), study("X3", "2025-03-22", 0, 1)},
		total: 11, listed: "X3 months_of_the_year_used_up", events: `
			2025-03-10 points J1 +11 = 11, suspend [2025-03-10, 2025-09-10)
			2025-03-20 repair X1 = 11, suspend [2025-03-10, 2025-07-10)
			2025-03-21 repair X2 = 11, suspend [2025-03-10, 2025-06-10)`},
	{name: "Art. 43: never below one month from its start",
		rows: []row{gives("J1", "2025-03-10", 9), study("X1", "2025-03-20", 0, 3)}, total: 9, events: `
			2025-03-10 points J1 +9 = 9, suspend [2025-03-10, 2025-05-10)
			2025-03-20 repair X1 = 9, suspend [2025-03-10, 2025-04-10)`},
	{name: "Art. 43: a suspension of one month stays one month, its points fall",
		rows: []row{gives("J1", "2025-03-03", 3), gives("J2", "2025-03-12", 6, "effective_on=2025-03-14"), study("X1", "2025-04-02", 2, 1)}, total: 7,
		listed: "X1 shortest_length_reached", days: "2025-04-13 suspended\n2025-04-14 expired", events: `
			2025-03-03 points J1 +3 = 3, talk
			2025-03-12 points J2 +6 = 9, suspend [2025-03-14, 2025-04-14)
			2025-04-02 repair X1 -2 = 7`},
	{name: "Art. 43: never before the day of the study",
		rows: []row{gives("J1", "2025-03-10", 10), study("X1", "2025-06-25", 0, 3)}, total: 10, days: "2025-06-24 suspended\n2025-06-25 expired", events: `
			2025-03-10 points J1 +10 = 10, suspend [2025-03-10, 2025-07-10)
			2025-06-25 repair X1 = 10, suspend [2025-03-10, 2025-06-25)`},
	{name: "Art. 43: a month begun counts as taken when a floor cuts",
		rows: []row{gives("J1", "2024-12-10", 11), study("X1", "2025-04-25", 0, 3), gives("J2", "2025-07-01", 11), study("X2", "2025-07-10", 0, 3)}, total: 11, events: `
			2024-12-10 points J1 +11 = 11, suspend [2024-12-10, 2025-06-10)
			2025-04-25 repair X1 = 11, suspend [2024-12-10, 2025-04-25)
			2025-04-25 clear -11 = 0
			2025-07-01 points J2 +11 = 11, suspend [2025-07-01, 2026-01-01)
			2025-07-10 repair X2 = 11, suspend [2025-07-01, 2025-12-01)`},
	{name: "Art. 43: months are taken from the end, clipped to the month",
		rows: []row{gives("J1", "2025-01-31", 11), study("X1", "2025-02-10", 0, 1)}, total: 11, events: `
			2025-01-31 points J1 +11 = 11, suspend [2025-01-31, 2025-07-31)
			2025-02-10 repair X1 = 11, suspend [2025-01-31, 2025-06-30)`},
	{name: "Art. 43: what does not run cannot be shortened",
		rows:  []row{gives("J1", "2025-03-10", 10, "effective_on=2025-04-01"), study("X1", "2025-03-20", 0, 1), study("X2", "2025-08-01", 0, 1)},
		total: 10, listed: "X1 not_suspended, X2 not_suspended", events: "2025-03-10 points J1 +10 = 10, suspend [2025-04-01, 2025-08-01)"},
	{name: "Art. 43: study has no effect for a terminated person, neither months nor points",
		rows: []row{gives("J1", "2025-03-10", 12), study("X1", "2025-03-20", 3, 3)}, total: 12, listed: "X1 terminated", events: "-", days: "2028-03-09 terminated"},
	{name: "Art. 43: publicity and on-site study still take points off a terminated person",
		rows: []row{gives("J1", "2025-03-10", 12), publicity("X1", "2025-03-20"), onSite("X2", "2025-03-28", 5)}, total: 8, events: "-", days: "2028-03-09 terminated"},
	{name: "Art. 43: a suspension under a termination is not shortened",
		rows: []row{gives("J1", "2025-03-03", 10), gives("J2", "2025-03-10", 2), study("X1", "2025-03-20", 0, 3)}, total: 12, listed: "X1 terminated", events: "-"},
	{name: "Art. 43: each of two overlapping suspensions keeps its month",
		rows: []row{gives("J1", "2025-03-01", 3), gives("J2", "2025-03-01", 6), gives("J3", "2025-03-20", 1), study("X1", "2025-03-25", 0, 3)}, total: 10,
		days: "2025-04-19 suspended\n2025-04-20 expired", events: `
			2025-03-01 points J1 +3 = 3
			2025-03-01 points J2 +6 = 9, suspend [2025-03-01, 2025-04-01)
			2025-03-20 points J3 +1 = 10, suspend [2025-03-20, 2025-05-20)
			2025-03-25 repair X1 = 10, suspend [2025-03-20, 2025-04-20)`},
	{name: "Art. 43: repairs that say nothing, of no kind, without a day or after the as-of day",
		rows: []row{gives("J1", "2025-03-10", 3), study("X1", "2025-03-20", 0, 0), study("X2", "", 1, 0), publicity("X3", "2025-04-01"), study("X4", "2025-03-20", -2, -1)},
		asOf: "2025-03-31", total: 3, listed: "X1 nothing_granted, X2 no_date, X3 after_as_of, X4 nothing_granted", events: "2025-03-10 points J1 +3 = 3, talk"},
}

// What makes normal again: Article 44.
var casesOfRestoration = []worked{
	{name: "Art. 44: after its end a block is expired until a restoration takes effect",
		rows: []row{gives("J1", "2025-03-03", 9), restores("H1", "2025-04-10", "2025-05-12", "1", "2025-05-20", false)}, total: 9, events: `
			2025-03-03 points J1 +9 = 9, suspend [2025-03-03, 2025-05-03)
			2025-05-20 restore H1 = 9`,
		days: "2025-05-02 suspended\n2025-05-03 expired\n2025-05-19 expired\n2025-05-20 normal"},
	{name: "Art. 44: without effective_on on the day it was decided",
		rows: []row{gives("J1", "2025-03-03", 9), restores("H1", "2025-04-10", "2025-05-12", "1", "", false)}, total: 9, events: "-", days: "2025-05-11 expired\n2025-05-12 normal"},
	{name: "Art. 44: what was refused or is not decided restores nobody",
		rows:  []row{gives("J1", "2025-03-03", 9), restores("H1", "2025-04-10", "2025-05-12", "0", "2025-05-12", false), restores("H2", "2025-06-10", "", "", "", false)},
		total: 9, events: "-", days: "2025-12-31 expired"},
	{name: "Art. 44: dated before the end it takes effect at the end",
		rows: []row{gives("J1", "2025-03-03", 9), restores("H1", "2025-04-08", "2025-04-20", "1", "2025-04-25", false)}, total: 9, events: `
			2025-03-03 points J1 +9 = 9, suspend [2025-03-03, 2025-05-03)
			2025-05-03 restore H1 = 9`,
		days: "2025-05-02 suspended\n2025-05-03 normal"},
	{name: "Art. 44: before the end it is without effect and listed",
		rows: []row{gives("J1", "2025-03-03", 9), restores("H1", "2025-04-08", "2025-04-20", "1", "", false)}, asOf: "2025-04-30", total: 9, listed: "H1 before_the_end",
		events: "2025-03-03 points J1 +9 = 9, suspend [2025-03-03, 2025-05-03)", days: "2025-04-30 suspended\n2025-05-02 suspended\n2025-05-03 normal"},
	{name: "Art. 44: it waits for the end a repair brings nearer",
		rows: []row{gives("J1", "2025-03-03", 10), restores("H1", "2025-04-08", "2025-04-20", "1", "", false), study("X1", "2025-05-06", 0, 1)}, total: 10, events: `
			2025-03-03 points J1 +10 = 10, suspend [2025-03-03, 2025-07-03)
			2025-05-06 repair X1 = 10, suspend [2025-03-03, 2025-06-03)
			2025-06-03 restore H1 = 10`},
	{name: "Art. 44: it waits for the end a further block puts off",
		rows: []row{gives("J1", "2025-03-03", 9), restores("H1", "2025-04-08", "2025-04-20", "1", "", false), gives("J2", "2025-04-28", 1)}, total: 10, events: "-",
		days: "2025-05-03 suspended\n2025-06-27 suspended\n2025-06-28 normal"},
	{name: "Art. 44: a terminated person needs a new commitment",
		rows: []row{gives("J1", "2025-03-10", 6), gives("J2", "2025-03-20", 6), restores("H1", "2026-03-01", "2026-03-20", "1", "", false), restores("H2", "2026-04-01", "2026-04-10", "1", "", true)},
		asOf: "2026-12-31", listed: "H1 new_commitment_missing", events: "-", days: "2026-03-19 terminated\n2026-03-20 expired\n2026-04-09 expired\n2026-04-10 normal"},
	{name: "Art. 44: one restoration covers all that is over",
		rows: []row{gives("J1", "2025-02-03", 9), gives("J2", "2025-05-06", 1), restores("H1", "2025-07-01", "2025-07-10", "1", "", false)}, total: 10, events: "-",
		days: "2025-04-03 expired\n2025-05-06 suspended\n2025-07-06 expired\n2025-07-10 normal"},
	{name: "Art. 44: a later block needs a restoration of its own",
		rows: []row{gives("J1", "2025-02-03", 9), restores("H1", "2025-03-10", "2025-04-03", "1", "", false), gives("J2", "2025-05-06", 1)}, total: 10, events: "-",
		days: "2025-04-03 normal\n2025-05-06 suspended\n2025-07-06 expired"},
	{name: "Art. 44: who is not blocked has nothing to restore",
		rows:  []row{restores("H1", "2025-02-01", "2025-02-10", "1", "", false), gives("J1", "2025-03-03", 9), restores("H2", "2025-04-20", "2025-05-10", "1", "", false), restores("H3", "2025-05-20", "2025-05-26", "1", "", false)},
		total: 9, listed: "H1 nothing_to_restore, H3 nothing_to_restore", events: "-", days: "2025-05-10 normal"},
	{name: "Art. 44: a block decided and not begun is not lifted",
		rows: []row{gives("J1", "2025-03-03", 9, "effective_on=2025-03-20"), restores("H1", "2025-03-05", "2025-03-10", "1", "", false)}, total: 9, listed: "H1 nothing_to_restore", events: "-",
		days: "2025-03-19 normal\n2025-03-20 suspended\n2025-05-20 expired"},
	{name: "Art. 44: of two blocks the one that still runs counts, in whatever order they were decided",
		rows:  []row{gives("J1", "2025-03-01", 9, "effective_on=2025-07-01"), gives("J2", "2025-03-02", 1, "effective_on=2025-04-01"), restores("H1", "2025-07-02", "2025-07-10", "1", "", false)},
		total: 10, events: `
			2025-03-01 points J1 +9 = 9, suspend [2025-07-01, 2025-09-01)
			2025-03-02 points J2 +1 = 10, suspend [2025-04-01, 2025-06-01)
			2025-09-01 restore H1 = 10`, days: "2025-06-01 expired\n2025-07-10 suspended\n2025-08-31 suspended\n2025-09-01 normal"},
	{name: "Art. 44: approved without a day, or after the as-of day",
		rows: []row{gives("J1", "2025-03-03", 9), restores("H1", "2025-05-04", "", "1", "", false), restores("H2", "2025-05-04", "2025-05-20", "1", "2025-06-10", false), restores("H3", "2025-05-04", "2025-06-20", "1", "2025-05-10", false)},
		asOf: "2025-05-31", total: 9, listed: "H1 no_date, H2 after_as_of, H3 after_as_of", events: "-", days: "2025-05-31 expired"},
}
