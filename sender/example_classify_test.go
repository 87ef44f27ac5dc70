package sender_test

import (
	"fmt"
	"net/http"

	"github.com/kirimhooks/kirimhooks/sender"
)

// Judge answers by a rule of one's own: 423 means that the account is locked, and nothing is tried twice.
func ExampleContract_classify() {
	contract := sender.Standard()
	contract.Schedule = sender.Once
	contract.Classify = func(r sender.Result) sender.Verdict {
		switch {
		case r.StatusCode/100 == 2:
			return sender.Verdict{Judgement: sender.Delivered}
		case r.StatusCode == http.StatusLocked:
			return sender.Verdict{Judgement: sender.DeadAndDisable, Reason: "account locked"}
		case r.ErrorClass == sender.ClassBlocked:
			return sender.Verdict{Judgement: sender.Dead, Reason: "not an address on the internet"}
		default:
			return sender.Verdict{Judgement: sender.Retry, RetryAfter: r.RetryAfter} // dead, as the schedule is over
		}
	}
	fmt.Println(contract.Classify(sender.Result{StatusCode: http.StatusLocked}).Reason)
	// Output: account locked
}
