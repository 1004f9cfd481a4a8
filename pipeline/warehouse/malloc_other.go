//go:build !linux

package warehouse

// keepFreedMemory tunes glibc's allocator; elsewhere the default stands.
func keepFreedMemory() {}

func giveBackFreedMemory() {}
