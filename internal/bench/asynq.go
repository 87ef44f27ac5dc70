package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	asynqqueue "github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

const asynqQueue = "default"

// asynq is asynq as a sender of webhooks, tuned: a task is a delivery and holds the event's body.
type asynq struct {
	*tally
	opt       asynqqueue.RedisClientOpt
	client    *asynqqueue.Client
	inspector *asynqqueue.Inspector
	poster    *poster
	far       *sink
	endpoints int
	workers   int
}

// asynq returns an asynq of so many workers on the emptied server.
func (s *redisServer) asynq(ctx context.Context, far *sink, endpoints, workers int) (*asynq, error) {
	admin := redis.NewClient(&redis.Options{Addr: s.addr})
	defer admin.Close()
	if err := admin.FlushAll(ctx).Err(); err != nil {
		return nil, fmt.Errorf("asynq: %w", err)
	}
	opt := asynqqueue.RedisClientOpt{Addr: s.addr}
	return &asynq{
		tally: newTally(), opt: opt, client: asynqqueue.NewClient(opt), inspector: asynqqueue.NewInspector(opt),
		poster: newPoster(workers), far: far, endpoints: endpoints, workers: workers,
	}, nil
}

func (a *asynq) close() {
	a.client.Close()
	a.inspector.Close()
	a.poster.close()
}

func (a *asynq) put(ctx context.Context, i int) error {
	j, err := newJob(a.far, i, a.endpoints)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = a.client.EnqueueContext(ctx, asynqqueue.NewTask(j.Kind(), payload), asynqqueue.Timeout(time.Minute))
	return err
}

// putBatch is as many calls at once: asynq has no other way.
func (a *asynq) putBatch(ctx context.Context, first, n int) error { return putAll(ctx, a, first, n, n) }

// run starts the workers.
func (a *asynq) run(context.Context) (stop func() error, err error) {
	server := asynqqueue.NewServer(a.opt, asynqqueue.Config{
		Concurrency:              a.workers,
		TaskCheckInterval:        5 * time.Millisecond, // asynq polls
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          time.Second,
		LogLevel:                 asynqqueue.FatalLevel,
	})
	if err := server.Start(asynqqueue.HandlerFunc(a.work)); err != nil {
		return nil, fmt.Errorf("asynq: start: %w", err)
	}
	return func() error {
		server.Shutdown()
		return nil
	}, nil
}

func (a *asynq) work(ctx context.Context, task *asynqqueue.Task) error {
	var j job
	if err := json.Unmarshal(task.Payload(), &j); err != nil {
		return err
	}
	if err := a.poster.attempt(ctx, j); err != nil {
		return err
	}
	a.add()
	return nil
}

// await returns once the handlers are done and Redis has it: a task that is done is gone from there.
func (a *asynq) await(ctx context.Context, patience time.Duration) error {
	until := time.Now().Add(patience)
	if err := a.tally.await(ctx, patience); err != nil {
		return err
	}
	for {
		info, err := a.inspector.GetQueueInfo(asynqQueue)
		if err != nil {
			return fmt.Errorf("asynq: %w", err)
		}
		if info.Size == 0 {
			return nil
		}
		if time.Now().After(until) {
			return fmt.Errorf("asynq: after %v %d tasks are left in Redis", patience, info.Size)
		}
		time.Sleep(time.Millisecond)
	}
}
