package main

import (
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// Transfer is money that moves from an account to the books of the ledger.
type Transfer struct {
	Account string `json:"account"`
	Number  int64  `json:"number"` // among those of the account: 1, 2, 3, …
	Cents   int64  `json:"cents"`
}

var (
	// transferMade goes from the account service to the ledger.
	transferMade = kirim.NewKind[Transfer]("transfer.made")
	// transferBooked goes back.
	transferBooked = kirim.NewKind[Transfer]("transfer.booked")
)

// byAccount is the lane of an event: those of one account are handled one at a time, in order of arrival.
func byAccount(ev *receiver.Event) string {
	t, err := transferMade.Decode(ev.Body) // both kinds have the same payload
	if err != nil {
		return ""
	}
	return t.Account
}
