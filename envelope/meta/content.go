package meta

import "encoding/json"

// Text is a text message.
type Text struct {
	Body string `json:"body" wire:"plain"` // also where text is text, no object
}

// Media is an image, video, audio, document or sticker
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/audio).
type Media struct {
	ID       string `json:"id,omitempty"`
	MIMEType string `json:"mime_type,omitempty"`
	SHA256   string `json:"sha256,omitempty"`   // base64
	URL      string `json:"url,omitempty"`      // short-lived, needs the access token; not in older bodies
	Caption  string `json:"caption,omitempty"`  // image, video, document
	Filename string `json:"filename,omitempty"` // document
	Voice    bool   `json:"voice,omitempty"`    // audio: a voice note
	Animated bool   `json:"animated,omitempty"` // sticker
}

// Location is a place in degrees.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
	URL       string  `json:"url,omitempty"`
}

// Interactive is the answer to buttons, a list, a flow or a request to call.
type Interactive struct {
	Type                string               `json:"type"` // named like the field that is set; an open set
	ButtonReply         *ButtonReply         `json:"button_reply,omitempty"`
	ListReply           *ListReply           `json:"list_reply,omitempty"`
	NfmReply            *NfmReply            `json:"nfm_reply,omitempty"`
	CallPermissionReply *CallPermissionReply `json:"call_permission_reply,omitempty"`
}

// ButtonReply is the button that was chosen.
type ButtonReply struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// ListReply is the row that was chosen.
type ListReply struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// NfmReply is a completed flow.
type NfmReply struct {
	Name         string `json:"name,omitempty"`
	Body         string `json:"body,omitempty"`
	ResponseJSON string `json:"response_json,omitempty"` // JSON inside a string: decode it once more
}

// CallPermissionReply tells whether the business may call.
type CallPermissionReply struct {
	Response            string    `json:"response"` // "accept", "reject"
	IsPermanent         bool      `json:"is_permanent"`
	ExpirationTimestamp Timestamp `json:"expiration_timestamp,omitempty"`
	ResponseSource      string    `json:"response_source,omitempty"`
}

// Button is the quick reply of a template that was chosen.
type Button struct {
	Payload string `json:"payload,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Reaction is an emoji on an earlier message.
type Reaction struct {
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji,omitempty"` // empty: the reaction was taken back
}

// Order is a list of products
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/order).
type Order struct {
	CatalogID    string        `json:"catalog_id,omitempty"`
	Text         string        `json:"text,omitempty"`
	ProductItems []ProductItem `json:"product_items,omitempty"`
}

// ProductItem is one line of an order.
type ProductItem struct {
	ProductRetailerID string `json:"product_retailer_id"`
	Quantity          int    `json:"quantity"`
	// ItemPrice is decimal, and a fraction more often than not: the digits are kept, a float64 would round them.
	ItemPrice json.Number `json:"item_price,omitempty"`
	Currency  string      `json:"currency,omitempty"`
}

// System says that a customer changed
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/system/).
type System struct {
	Body                 string `json:"body,omitempty"`
	Type                 string `json:"type,omitempty"`      // "user_changed_number", "user_changed_user_id"; an open set
	WaID                 string `json:"wa_id,omitempty"`     // the new number
	NewWaID              string `json:"new_wa_id,omitempty"` // the same in older versions
	Identity             string `json:"identity,omitempty"`
	Customer             string `json:"customer,omitempty"`
	UserID               string `json:"user_id,omitempty"` // the new id, as is ParentUserID
	ParentUserID         string `json:"parent_user_id,omitempty"`
	PreviousUserID       string `json:"previous_user_id,omitempty"`
	PreviousParentUserID string `json:"previous_parent_user_id,omitempty"`
}

// Unsupported is a message that the Cloud API cannot show; Errors of the message say more.
type Unsupported struct {
	Type string `json:"type"` // "poll_creation", "gif"…; an open set
}

// Edit replaces an earlier message.
type Edit struct {
	OriginalMessageID string   `json:"original_message_id"`
	Message           *Message `json:"message,omitempty"` // without ID and From
}

// Revoke takes an earlier message back.
type Revoke struct {
	OriginalMessageID string `json:"original_message_id"`
}
