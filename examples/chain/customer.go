package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// opening is what each account has at first, in cents.
const opening = 1_000_000_00

// customer has an account, and asks for one transfer after the other. He asks again until he knows that it was made.
type customer struct {
	account string
	bank    *process
	made    []Transfer // all that he knows of
}

// sum is what he has transferred, in cents.
func (c *customer) sum() (cents int64) {
	for _, t := range c.made {
		cents += t.Cents
	}
	return cents
}

func (c *customer) open(ctx context.Context) error {
	return c.insist(ctx, "/accounts/"+c.account, struct{ Cents int64 }{opening})
}

// transfer makes one.
func (c *customer) transfer(ctx context.Context) (Transfer, error) {
	t := Transfer{Account: c.account, Number: int64(len(c.made) + 1), Cents: 1 + rand.N[int64](10_000)}
	request := fmt.Sprintf("%s-%d", t.Account, t.Number)
	if err := c.insist(ctx, "/transfers/"+request, t); err != nil {
		return t, err
	}
	c.made = append(c.made, t)
	return t, nil
}

// insist asks until it is done. Who gets no answer cannot know whether it is.
func (c *customer) insist(ctx context.Context, path string, what any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	for end := time.Now().Add(2 * time.Minute); ; wait(ctx, 20*time.Millisecond) {
		done, err := c.ask(ctx, path, body)
		switch {
		case done:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(end):
			return fmt.Errorf("PUT %s: %w", path, err)
		}
	}
}

func (c *customer) ask(ctx context.Context, path string, body []byte) (done bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	address, err := c.bank.address()
	if err != nil {
		return false, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, address+path, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if answer.StatusCode == http.StatusNoContent {
		return true, nil
	}
	return false, fmt.Errorf("%s: %s %w", answer.Status, text, err)
}
