package warehouse

/*
#include <malloc.h>
*/
import "C"

// keepFreedMemory tells glibc not to give DuckDB's 256 KiB blocks back to the system after every use: mapping and
// clearing them anew took a tenth of a big load's CPU time.
func keepFreedMemory() {
	C.mallopt(C.M_MMAP_THRESHOLD, 64<<20)
	C.mallopt(C.M_TRIM_THRESHOLD, 256<<20)
}

// giveBackFreedMemory gives back what keepFreedMemory kept: blocks in the middle of the heap too.
func giveBackFreedMemory() { C.malloc_trim(0) }
