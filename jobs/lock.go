package jobs

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"claimsaudit/pipeline"

	"github.com/gofrs/flock"
)

// lockPatience outlasts a look at the lock by `status`, which holds it for an instant.
const lockPatience = 300 * time.Millisecond

// acquireLock takes the data directory's lock or says who holds it.
func acquireLock(ctx context.Context, path, job string, now time.Time) (release func(), err error) {
	return waitForLock(ctx, path, job, now, lockPatience)
}

// waitForLock is acquireLock with more patience.
func waitForLock(ctx context.Context, path, job string, now time.Time, patience time.Duration) (release func(), err error) {
	lock := flock.New(path, flock.SetPermissions(0o600))
	patient, stop := context.WithTimeout(ctx, max(patience, lockPatience))
	defer stop()
	ok, err := lock.TryLockContext(patient, lockPatience/10)
	if ctx.Err() != nil {
		return nil, interrupted("start "+job, ctx.Err())
	}
	if err != nil && patient.Err() == nil {
		return nil, dataError(path, err)
	}
	if !ok {
		holder, _ := os.ReadFile(path) // best effort: the message is complete without it
		return nil, &pipeline.Error{Kind: pipeline.KindLocked, Op: "start " + job, Where: path,
			Err:  fmt.Errorf("another run holds the lock: %s", strings.TrimSpace(string(holder))),
			Hint: "wait until it ends; `claimsaudit status` shows what it does"}
	}
	holder := fmt.Sprintf("pid %d, job %s, since %s\n", os.Getpid(), job, now.In(pipeline.Shanghai).Format(time.DateTime))
	if err := os.WriteFile(path, []byte(holder), 0o600); err != nil {
		lock.Unlock()
		return nil, dataError(path, err)
	}
	return func() {
		os.WriteFile(path, nil, 0o600)
		lock.Unlock()
	}, nil
}

// LockHolder tells who holds the lock of a data directory, "" if nobody.
func (r *Runner) LockHolder() string {
	lock := flock.New(r.path("run.lock"))
	if ok, err := lock.TryRLock(); err != nil || ok {
		if ok {
			lock.Unlock()
		}
		return ""
	}
	holder, _ := os.ReadFile(r.path("run.lock"))
	return strings.TrimSpace(string(holder))
}
