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
		return nil, &pipeline.Error{Kind: pipeline.KindLocked, Op: "start " + job, Where: path,
			Err:  fmt.Errorf("another run holds the lock: %s", textOf(path)),
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

// LockHolder tells who runs something on the data directory, "" if nobody does.
func (r *Runner) LockHolder() string { return holderOf(r.path("run.lock")) }

// Server tells which daemon serves the data directory, "" if none does.
func (r *Runner) Server() string { return holderOf(r.path(serveLock)) }

func holderOf(path string) string {
	lock := flock.New(path)
	if ok, err := lock.TryRLock(); err != nil || ok {
		if ok {
			lock.Unlock()
		}
		return ""
	}
	return textOf(path)
}

// textOf is what the holder of a lock wrote into it.
func textOf(path string) string {
	text, _ := os.ReadFile(path) // best effort: a message is complete without it
	return strings.TrimSpace(string(text))
}
