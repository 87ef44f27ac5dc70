package kirisan

import (
	"encoding/json"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Submission is a form that a customer filled in (https://docs.kirisan.com/docs/webhook/submission). An older endpoint
// may announce it as submission.completed in X-Kirisan-Event; the body says submission.
type Submission struct {
	Event       string    `json:"event"`
	Form        Form      `json:"submission"`
	Device      string    `json:"device"`
	Sender      string    `json:"sender"`  // a phone number, or a Telegram chat id
	Channel     string    `json:"channel"` // "whatsapp", "telegram", "waba"
	Answers     []Answer  `json:"answers"` // one per question, in the order asked
	StartedAt   Timestamp `json:"started_at"`
	CompletedAt Timestamp `json:"completed_at"`
	Timestamp   Timestamp `json:"timestamp"`              // when the webhook was sent
	Production  bool      `json:"production" wire:"mark"` // true unless the body says false

	// Err tells of the first member that did not read, by its path; the rest is read. nil if all was.
	Err error `json:"-" wire:"err"`
}

// Form is the form that was filled in.
type Form struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Answer is one question with its answer. It reads from text alone too, an answer without its question.
type Answer struct {
	Question string `json:"question"`
	Answer   Reply  `json:"answer" wire:"plain"`
}

// Reply is the answer to one question. A skipped question has type "text" and an empty text. It reads from text alone
// too, which makes a reply of type "text".
type Reply struct {
	Type string `json:"type"` // "text", "image", "video", "audio", "file"; an open set
	Text string `json:"text" wire:"plain"`
	File *File  `json:"file,omitempty"`
}

// MarshalJSON leaves text out where there is a file, as Kirisan does.
func (r Reply) MarshalJSON() ([]byte, error) {
	type plain Reply
	if r.File == nil || r.Text != "" {
		return json.Marshal(plain(r))
	}
	return json.Marshal(struct {
		Type string `json:"type"`
		File *File  `json:"file"`
	}{r.Type, r.File})
}

var _ = wire.Own(func(r *Reply, v wire.Value) error {
	type plain Reply
	err := v.Decode((*plain)(r))
	if r.Text != "" && !v.IsObject() {
		r.Type = "text"
	}
	return err
})
