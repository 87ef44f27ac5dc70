package sender

import (
	"net/http"
	"strconv"
)

// classifyStatus takes any 2xx for success, and repeats what may pass: 408, 429, 3xx, 5xx and no answer. Retry-After
// counts on every answer that is retried: an overloaded endpoint says 503 as often as 429.
func classifyStatus(r Result) Verdict {
	switch c := r.StatusCode; {
	case c >= 200 && c < 300:
		return Verdict{Judgement: Delivered}
	case c >= 400 && c < 500 && c != http.StatusRequestTimeout && c != http.StatusTooManyRequests:
		return Verdict{Judgement: Dead, Reason: resultText(r)}
	default:
		return Verdict{Judgement: Retry, RetryAfter: r.RetryAfter, Reason: resultText(r)}
	}
}

func resultText(r Result) string {
	if r.StatusCode == 0 {
		return r.ErrorClass
	}
	return "status " + strconv.Itoa(r.StatusCode)
}

// classifyStandard is the contract that the Standard Webhooks specification asks for
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): 410 means that the
// endpoint wants no more.
func classifyStandard(r Result) Verdict {
	if r.StatusCode == http.StatusGone {
		return Verdict{Judgement: DeadAndDisable, Reason: resultText(r)}
	}
	return classifyStatus(r)
}
