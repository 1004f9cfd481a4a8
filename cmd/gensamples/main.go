// Command gensamples writes made-up deliveries: the three months of samples/,
// in which every hard case is planted on purpose, and load-test deliveries of
// any size. Nothing in them is real. The same flags give the same bytes, so a
// sample can be compared, bisected and quoted by its ids.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"claimsaudit/pipeline"
)

const usage = `gensamples writes made-up deliveries from a fixed seed.

  gensamples --out samples
        three months (2025-03 to 2025-05) with every hard case, and a README.md
        that says where each is and what the audit should say

  gensamples --lines 5000000 --out DIR [--month 2025-03] [--encoding gb18030] [--seed N]
        one month's load-test delivery of exactly that many fee lines

Files of the same name under --out are overwritten; nothing else is touched.

`

// maxLines keeps the serial numbers of a load test within their eight digits.
const maxLines = 99_000_000

// options are the parsed arguments.
type options struct {
	out      string
	lines    int64
	encoding string
	seed     uint64
	month    pipeline.Period
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program without the process: it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	opt, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		if opt.lines > 0 {
			err = writeLoad(opt, stdout)
		} else {
			err = writeSamples(opt, stdout)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "gensamples: %v\n", err)
		if hint := pipeline.HintOf(err); hint != "" {
			fmt.Fprintf(stderr, "  %s\n", hint)
		}
		return pipeline.KindOf(err).ExitCode()
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var opt options
	var month string
	fs := flag.NewFlagSet("gensamples", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() { fmt.Fprint(stderr, usage); fs.PrintDefaults() }
	fs.StringVar(&opt.out, "out", "", "folder to write into (created if missing)")
	fs.Int64Var(&opt.lines, "lines", 0, "number of fee lines of a load-test delivery; 0 writes the samples")
	fs.StringVar(&opt.encoding, "encoding", "utf-8", "encoding of the load test's fee_line file: utf-8 or gb18030")
	fs.Uint64Var(&opt.seed, "seed", 20250301, "seed of everything that is made up")
	fs.StringVar(&month, "month", "2025-03", "month of the load test, yyyy-MM")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return opt, err
		}
		return opt, badUsage(err.Error())
	}
	var err error
	if opt.month, err = pipeline.ParsePeriod(month); err != nil {
		return opt, err
	}
	opt.encoding = strings.ToLower(opt.encoding)
	switch {
	case fs.NArg() > 0:
		return opt, badUsage("unexpected argument " + fs.Arg(0))
	case opt.out == "":
		return opt, badUsage("--out is missing")
	case opt.lines < 0 || opt.lines > maxLines:
		return opt, badUsage(fmt.Sprintf("--lines is not between 0 and %d", maxLines))
	case opt.encoding != "utf-8" && opt.encoding != "gb18030":
		return opt, badUsage("unknown --encoding " + opt.encoding)
	}
	if opt.lines == 0 {
		fs.Visit(func(f *flag.Flag) {
			if f.Name == "encoding" || f.Name == "month" {
				err = badUsage("--" + f.Name + " belongs to a load test, which needs --lines")
			}
		})
	}
	return opt, err
}

func badUsage(what string) error {
	return &pipeline.Error{Kind: pipeline.KindUsage, Op: "read arguments", Err: errors.New(what),
		Hint: "gensamples --help shows the flags"}
}

// cannotWrite wraps an error of the file system.
func cannotWrite(path string, err error) error {
	return &pipeline.Error{Kind: pipeline.KindInternal, Op: "write", Where: path, Err: err,
		Hint: "check that the folder of --out may be written and has room"}
}
