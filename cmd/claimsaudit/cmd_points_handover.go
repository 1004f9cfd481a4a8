package main

import (
	"claimsaudit/jobs"

	"github.com/spf13/cobra"
)

func (a *app) pointsHandoverCommand() *cobra.Command {
	return a.authorityCommand("handover", "Write the month's lists for the health and the drug authority", `Writes handover-health-yyyy-MM.xlsx with the persons of medical institutions and handover-drug-yyyy-MM.xlsx
with the principals of pharmacies and whoever was decided on at a pharmacy (Art. 4, 5, 6): the month's
decisions, those of earlier months that became final only after their lists, who is suspended, terminated
or not restored on its last day, repairs and restorations. Whoever belongs to both is on both lists.

The month's run writes them too. They show what the last run knows. Names are in full, certificate numbers
are left out; the files are 0600 and every sheet is marked as internal. Without --out they go to
reports/yyyy-MM/ of the data directory, or to as-of-DATE/ below it once a run has reported the month.`, (*jobs.Runner).Handover)
}
