package pipeline

// Layout says how senders write a feed: other names for columns and words for codes.
// It is read from configs/layouts; keys of Aliases are lower case without blanks.
type Layout struct {
	Aliases map[string]string            // header as delivered → contract column
	Labels  map[string]map[string]string // contract column → label → code
	// Encodings overrides detection for files whose base name matches the
	// glob: "utf-8" or "gb18030". First match in byte order of the globs wins.
	Encodings map[string]string
}
