package sqlinbox

import (
	"context"
	"strings"
	"time"
)

// fence keeps all but the holder of the claim from changing the event.
const (
	fence = ` where seq = @seq and token = @token and stage = 2`

	oneMore = `failures = failures + 1, last_error = @error`

	sqlEnd     = `update {t} set stage = @stage, due = {now}, token = null` + fence
	sqlRetry   = `update {t} set due = {now} + @wait, token = null, lapses = 0, ` + oneMore + fence
	sqlDead    = `update {t} set stage = @stage, due = {now}, token = null, ` + oneMore + fence
	sqlRelease = `update {t} set due = {now}, token = null` + fence
)

// settle writes what came of a run, outside its transaction, and tries for as long as the lease may last: from then on
// another process finds the event.
func (r *runner) settle(j *job, text string, v values) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(j.ctx), r.cfg.Lease)
	defer cancel()
	v["seq"], v["token"] = j.seq, j.token
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		n, err := r.db.write(ctx, text, v)
		switch {
		case err == nil && n == 1:
			return nil
		case err == nil:
			return ErrLeaseLost
		}
		r.trouble(ctx, "settle", err)
		if sleep(ctx, jitter(pause)) != nil {
			return err
		}
	}
}

const maxError = 1000

// errorText is what is stored of a handler's error: short, and text to every database.
func errorText(err error) string {
	text := strings.ToValidUTF8(err.Error(), "�")
	text = strings.ReplaceAll(text, "\x00", "�")
	if len(text) > maxError {
		text = strings.ToValidUTF8(text[:maxError], "") + "…"
	}
	return text
}
