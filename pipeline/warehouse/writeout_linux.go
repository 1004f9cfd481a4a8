package warehouse

import (
	"os"
	"syscall"
)

// startWriteOut tells the kernel to begin writing the file's bytes to disk and does not wait. A kernel that refuses costs
// the commit that wait, nothing else.
func startWriteOut(f *os.File) {
	const syncFileRangeWrite = 2
	_ = syscall.SyncFileRange(int(f.Fd()), 0, 0, syncFileRangeWrite)
}
