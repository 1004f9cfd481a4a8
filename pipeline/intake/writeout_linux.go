package intake

import (
	"os"
	"syscall"
)

// startWriteOut tells the kernel to begin writing the file's bytes to disk and does not wait: archiving syncs a file that
// was delivered a moment ago, and by then the disk is done. A kernel that refuses costs that wait, nothing else.
func startWriteOut(f *os.File) {
	const syncFileRangeWrite = 2
	_ = syscall.SyncFileRange(int(f.Fd()), 0, 0, syncFileRangeWrite)
}
