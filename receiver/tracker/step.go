package tracker

// Step is how far a message has come.
type Step string

// The steps of a message, as Meta and Kirisan name them. Others are not tracked.
const (
	Sent      Step = "sent"
	Delivered Step = "delivered"
	Read      Step = "read"
	Played    Step = "played" // a voice message
	Failed    Step = "failed"
)

func (s Step) known() bool {
	switch s {
	case Sent, Delivered, Read, Played, Failed:
		return true
	}
	return false
}
