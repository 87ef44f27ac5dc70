package meta

import "encoding/json"

// Call is something that happened to a call, in field "calls"
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/calling/reference/). How far a call of the
// business's own got, such as "RINGING", stands in [Value].Statuses of the same field.
type Call struct {
	ID               string    `json:"id"`             // "wacid.…"
	Event            string    `json:"event"`          // "connect", "terminate"; an open set
	From             string    `json:"from,omitempty"` // may be missing where the customer has a user name, as may To
	FromUserID       string    `json:"from_user_id,omitempty"`
	FromParentUserID string    `json:"from_parent_user_id,omitempty"`
	To               string    `json:"to,omitempty"`
	ToUserID         string    `json:"to_user_id,omitempty"`
	ToParentUserID   string    `json:"to_parent_user_id,omitempty"`
	Timestamp        Timestamp `json:"timestamp,omitempty"`
	Direction        string    `json:"direction,omitempty"` // "BUSINESS_INITIATED", "USER_INITIATED"

	Session         *CallSession    `json:"session,omitempty"`    // of "connect"; nil for calls over SIP
	Connection      json.RawMessage `json:"connection,omitempty"` // an older form of Session
	Status          string          `json:"status,omitempty"`     // of "terminate": "COMPLETED", "FAILED"
	StartTime       Timestamp       `json:"start_time,omitempty"` // of a call that was answered, as EndTime
	EndTime         Timestamp       `json:"end_time,omitempty"`
	Duration        int             `json:"duration,omitempty"` // in seconds
	Errors          []Error         `json:"errors,omitempty"`
	DeeplinkPayload string          `json:"deeplink_payload,omitempty"`
	CTAPayload      string          `json:"cta_payload,omitempty"`
	CallRecording   *CallRecording  `json:"call_recording,omitempty"`
	CallTranscript  *CallTranscript `json:"call_transcript,omitempty"`

	BizOpaqueCallbackData string `json:"biz_opaque_callback_data,omitempty"` // echo of the request

	// Err says what of the call could not be read; Raw is the call as it stands in the body.
	Err error           `json:"-" wire:"err"`
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// CallSession is how to connect.
type CallSession struct {
	SDPType string `json:"sdp_type"` // "offer", "answer"
	SDP     string `json:"sdp"`      // RFC 8866
}

// CallRecording is what was recorded of a call.
type CallRecording struct {
	Type  string `json:"type,omitempty"` // "audio"
	Audio *Media `json:"audio,omitempty"`
}

// CallTranscript is what was said in a call.
type CallTranscript struct {
	Document *Media `json:"document,omitempty"`
}
