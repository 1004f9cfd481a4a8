package score

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps a failed property from leaving files behind: the seed it prints is enough to see it again.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
