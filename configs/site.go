package configs

import (
	"fmt"
	"slices"
)

// Site says what the published site shows.
type Site struct {
	Practitioners string // pseudonym, masked, or off
}

// siteFile is Site as the settings spell it.
type siteFile struct {
	Practitioners string `yaml:"practitioners,optional"`
}

func site(d *document, f siteFile) Site {
	known := []string{"pseudonym", "masked", "off"}
	if at := "site.practitioners"; d.good(at) && !slices.Contains(known, f.Practitioners) {
		d.fault(at, fmt.Sprintf("%q 不是可用的写法", f.Practitioners), "写 pseudonym（假名）、masked（代码和脱敏姓名）或 off（不列人员；YAML 中可不加引号）")
	}
	return Site(f)
}
