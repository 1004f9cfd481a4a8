package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"claimsaudit/pipeline"

	"github.com/robfig/cron/v3"
)

// stopPatience leaves a step the time to roll back; service managers kill after 30 seconds.
const stopPatience = 25 * time.Second

// Serve runs the timetable until ctx ends and then returns nil: the step under way rolls back, what was finished is kept,
// and the next daemon takes the run up again.
func (r *Runner) Serve(ctx context.Context, opts ServeOptions) error {
	d, err := r.NewDaemon(ctx, opts)
	if err != nil {
		return err
	}
	waker, body, err := d.waker(ctx)
	if err == nil && opts.Start != nil {
		err = opts.Start()
	}
	if err != nil {
		d.Close()
		return err
	}
	r.Log.Info().Str("data", r.path()).Msg("serving")
	var first sync.WaitGroup
	first.Go(body) // what was missed does not wait for the first minute
	waker.Start()
	d.awaitEnd(ctx)
	ended := make(chan struct{})
	go func() {
		<-waker.Stop().Done()
		first.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		d.Close()
		r.Log.Info().Msg("served")
		return nil
	case <-time.After(stopPatience): // the lock goes with the process
		return &pipeline.Error{Kind: pipeline.KindInternal, Op: "stop", Err: errors.New("the step under way did not end in time"),
			Hint: "nothing is lost: the next start rolls it back and takes the run up again"}
	}
}

// waker wakes the body every minute. That is enough for a timetable of minutes, and it is what finds a suspended machine
// awake again. It counts the minutes by the monotonic clock: an entry for a time of day would, once the wall clock is set
// back by a week, sleep for a week.
func (d *Daemon) waker(ctx context.Context) (*cron.Cron, func(), error) {
	quiet, r := cron.DiscardLogger, d.runner
	// Skip must be outside: after a panic through it no wake would ever find the former one ended.
	c := cron.New(cron.WithLocation(pipeline.Shanghai), cron.WithLogger(quiet), cron.WithChain(cron.SkipIfStillRunning(quiet), r.survive))
	body, err := c.AddFunc(everyMinute, func() { d.Tick(ctx) })
	if err != nil {
		return nil, nil, err
	}
	if tick := d.opts.Observer.Tick; tick != nil {
		if _, err := c.AddFunc(everyMinute, func() { tick(r.Clock()) }); err != nil {
			return nil, nil, err
		}
	}
	return c, c.Entry(body).WrappedJob.Run, nil
}

const everyMinute = "@every 1m"

// survive keeps the daemon alive through a panic. One inside a run is caught there and stands in the ledger; this one
// happened between runs.
func (r *Runner) survive(job cron.Job) cron.Job {
	return cron.FuncJob(func() {
		var err error
		defer func() {
			if err != nil {
				r.Log.Error().Err(err).Msg("serving goes on")
			}
		}()
		defer r.recoverPanic(&err)
		job.Run()
	})
}

// awaitEnd reloads when asked and returns when ctx ends.
func (d *Daemon) awaitEnd(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.opts.Hangup:
			d.reload()
		}
	}
}
