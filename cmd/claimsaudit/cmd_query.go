package main

import (
	"bufio"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"

	"claimsaudit/pipeline"
	"claimsaudit/pipeline/warehouse"
	sqlfiles "claimsaudit/sql"

	"github.com/spf13/cobra"
)

func (a *app) queryCommand() *cobra.Command {
	var format, example string
	var list bool
	cmd := &cobra.Command{
		Use:   "query [SQL]",
		Short: "Ask the published database, read-only",
		Long: `Runs one SELECT on DATA/published/analyst.duckdb. It never waits for a run: runs replace the file as a
whole. --examples lists the questions that ship with the program, --example NAME asks one of them.`,
		Example: `  claimsaudit query "SELECT period, sum(withhold_yuan) FROM mart.institution_period GROUP BY ALL"
  claimsaudit query --example 01_withheld_by_institution --format csv`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return listExamples(a.stdout)
			}
			text, err := queryText(args, example)
			if err != nil {
				return err
			}
			write, ok := rowWriters[format]
			if !ok {
				return usageError{fmt.Errorf("unknown format %q: use table, csv or json", format)}
			}
			config, err := a.load()
			if err != nil {
				return err
			}
			db, err := warehouse.OpenMart(cmd.Context(), filepath.Join(config.Settings.Data, "published", "analyst.duckdb"))
			if err != nil {
				return err
			}
			defer db.Close()
			rows, err := db.QueryContext(cmd.Context(), text)
			if err != nil {
				return &pipeline.Error{Kind: pipeline.KindUsage, Op: "query", Err: err,
					Hint: "the tables are in schema mart; `claimsaudit query \"SHOW ALL TABLES\"` lists them"}
			}
			defer rows.Close()
			return write(a.stdout, rows)
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "table, csv or json")
	cmd.Flags().StringVar(&example, "example", "", "ask a question that ships with the program")
	cmd.Flags().BoolVar(&list, "examples", false, "list those questions")
	return cmd
}

func queryText(args []string, example string) (string, error) {
	if example == "" {
		if len(args) != 1 {
			return "", usageError{fmt.Errorf("give one SQL text in quotes, or --example NAME")}
		}
		return args[0], nil
	}
	text, err := sqlfiles.Text("90_query/" + strings.TrimSuffix(example, ".sql") + ".sql")
	if err != nil {
		return "", usageError{fmt.Errorf("there is no example %q: --examples lists them", example)}
	}
	return text, nil
}

func listExamples(w io.Writer) error {
	entries, err := sqlfiles.Files.ReadDir("90_query")
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, err := sqlfiles.Text("90_query/" + e.Name())
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(text, "\n")
		fmt.Fprintf(w, "%-36s %s\n", strings.TrimSuffix(e.Name(), ".sql"), strings.TrimPrefix(first, "-- "))
	}
	return nil
}

// rowWriters are the output formats of query.
var rowWriters = map[string]func(io.Writer, *sql.Rows) error{"table": writeTable, "csv": writeCSV, "json": writeJSON}

// eachRow hands every row over as values fit for text: decimals and dates keep their exact form.
func eachRow(rows *sql.Rows, fn func([]any) error) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, v := range values {
			values[i] = warehouse.Plain(v)
		}
		if err := fn(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// writeTable aligns columns for the eye; like every aligned table it waits for the last row.
func writeTable(w io.Writer, rows *sql.Rows) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	table, widths := [][]string{columns}, make([]int, len(columns))
	if err := eachRow(rows, func(values []any) error {
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = cell(v)
		}
		table = append(table, cells)
		return nil
	}); err != nil {
		return err
	}
	for _, cells := range table {
		for i, text := range cells {
			widths[i] = max(widths[i], displayWidth(text))
		}
	}
	b := bufio.NewWriter(w)
	for _, cells := range table {
		for i, text := range cells {
			if i == len(cells)-1 {
				fmt.Fprintln(b, text)
			} else {
				fmt.Fprint(b, text, strings.Repeat(" ", widths[i]-displayWidth(text)+2))
			}
		}
	}
	fmt.Fprintf(b, "(%d rows)\n", len(table)-1)
	return b.Flush()
}

// displayWidth counts a Chinese or full-width character as the two columns it takes on a terminal.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n++
		if unicode.In(r, unicode.Han) || r >= 0x3000 && r <= 0x30FF || r >= 0xFF00 && r <= 0xFF60 || r >= 0xFFE0 && r <= 0xFFE6 {
			n++
		}
	}
	return n
}

func cell(v any) string {
	if v == nil {
		return ""
	}
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(fmt.Sprint(v))
}

func writeCSV(w io.Writer, rows *sql.Rows) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	c := csv.NewWriter(w)
	if err := c.Write(columns); err != nil {
		return err
	}
	err = eachRow(rows, func(values []any) error {
		record := make([]string, len(values))
		for i, v := range values {
			if v != nil {
				record[i] = fmt.Sprint(v)
			}
		}
		return c.Write(record)
	})
	c.Flush()
	if err != nil {
		return err
	}
	return c.Error()
}

// writeJSON writes an array with one object a line; decimals are strings, so that no cent is lost in a float.
func writeJSON(w io.Writer, rows *sql.Rows) error {
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	fmt.Fprint(b, "[")
	first := true
	err = eachRow(rows, func(values []any) error {
		if !first {
			fmt.Fprint(b, ",")
		}
		first = false
		fmt.Fprint(b, "\n{")
		for i, v := range values {
			if i > 0 {
				fmt.Fprint(b, ", ")
			}
			name, err := json.Marshal(columns[i])
			if err != nil {
				return err
			}
			value, err := json.Marshal(v)
			if err != nil {
				return err
			}
			fmt.Fprintf(b, "%s: %s", name, value)
		}
		_, err := fmt.Fprint(b, "}")
		return err
	})
	fmt.Fprintln(b, "\n]")
	if err != nil {
		return err
	}
	return b.Flush()
}
