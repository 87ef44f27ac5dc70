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
	Timestamp   Timestamp `json:"timestamp"`  // when the webhook was sent
	Production  bool      `json:"production"` // true if the body does not say
}

// Form is the form that was filled in.
type Form struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Answer is one question with its answer.
type Answer struct {
	Question string `json:"question"`
	Answer   Reply  `json:"answer"`
}

// Reply is the answer to one question. A skipped question has type "text" and an empty text.
type Reply struct {
	Type string `json:"type"` // "text", "image", "video", "audio", "file"; an open set
	Text string `json:"text"`
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

var _ = wire.Habit[*Submission]("", "sender")

// UnmarshalJSON takes sender as a string or a number.
func (s *Submission) UnmarshalJSON(b []byte) error {
	type plain Submission
	v := struct {
		*plain
		Sender wire.Loose `json:"sender"`
	}{plain: (*plain)(s)}
	err := wire.Unmarshal(b, &v)
	s.Sender = string(v.Sender)
	return err
}

func (s Submission) stamped(event string, production bool, now Timestamp) any {
	s.Event, s.Production = event, production
	if s.Timestamp == 0 {
		s.Timestamp = now
	}
	return s
}

func decodeSubmission(body []byte) (*Submission, error) {
	s := &Submission{Production: true}
	if err := decode(body, s); err != nil {
		return nil, err
	}
	return s, nil
}
