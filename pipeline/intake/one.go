package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"claimsaudit/pipeline"
)

// One is a single named file as a delivery, wherever it lies; the caller hashes it. The error is KindUsage if there
// is no such file or its name is no feed's.
func One(path string) (Delivery, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Delivery{}, &pipeline.Error{Kind: pipeline.KindUsage, Op: "read file", Where: path, Err: err, Hint: "give the path of an existing file"}
	}
	name := strings.ToValidUTF8(filepath.Base(path), "_")
	if !info.Mode().IsRegular() {
		return Delivery{}, &pipeline.Error{Kind: pipeline.KindUsage, Op: "read file", Where: path, Err: fmt.Errorf("is not a regular file"),
			Hint: "give a file, not a folder or link"}
	}
	feed := pipeline.FeedOf(name)
	if feed == nil {
		return Delivery{}, &pipeline.Error{Kind: pipeline.KindUsage, Op: "read file", Where: path, Err: fmt.Errorf("the name is no feed's"),
			Hint: "keep the name of the quarantine file: it begins with the feed's name"}
	}
	return Delivery{Path: name, Abs: path, Name: name, Size: info.Size(), ModTime: info.ModTime(), Feed: feed}, nil
}
