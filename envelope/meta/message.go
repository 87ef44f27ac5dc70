package meta

import (
	"encoding/json"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Message is what a customer wrote. Every pointer may be nil: at most the one named like Type is set. The body may
// leave out even that one, as it does with some answers. Of a type that is not listed only Raw says more.
// [Message.PlainText] is the text of any message, [Notification.Contact] who wrote it; neither needs a check for nil.
//
// A member that cannot be read is left empty and costs no other: Err tells the first, with its place in the body.
type Message struct {
	ID string `json:"id,omitempty"` // the wamid
	// From is a phone number, digits only; it may be missing where the customer has a user name.
	From             string    `json:"from,omitempty"`
	FromUserID       string    `json:"from_user_id,omitempty"` // business-scoped user id
	FromParentUserID string    `json:"from_parent_user_id,omitempty"`
	To               string    `json:"to,omitempty"` // of echoes
	ToUserID         string    `json:"to_user_id,omitempty"`
	ToParentUserID   string    `json:"to_parent_user_id,omitempty"`
	Timestamp        Timestamp `json:"timestamp,omitempty"`
	Type             string    `json:"type"` // an open set
	GroupID          string    `json:"group_id,omitempty"`

	Context        *Context        `json:"context,omitempty"`  // of a reply or a forwarded message
	Referral       *Referral       `json:"referral,omitempty"` // the ad that led here
	Identity       *Identifier     `json:"identity,omitempty"`
	Errors         []Error         `json:"errors,omitempty"` // of types "unsupported" and "unknown"
	Origin         string          `json:"origin,omitempty"` // how shared contacts were asked for
	HistoryContext *HistoryContext `json:"history_context,omitempty"`

	Text        *Text         `json:"text,omitempty"`
	Image       *Media        `json:"image,omitempty"`
	Video       *Media        `json:"video,omitempty"`
	Audio       *Media        `json:"audio,omitempty"`
	Document    *Media        `json:"document,omitempty"`
	Sticker     *Media        `json:"sticker,omitempty"`
	Location    *Location     `json:"location,omitempty"`
	Contacts    []ContactCard `json:"contacts,omitempty"`
	Interactive *Interactive  `json:"interactive,omitempty"`
	Button      *Button       `json:"button,omitempty"`
	Reaction    *Reaction     `json:"reaction,omitempty"`
	Order       *Order        `json:"order,omitempty"`
	System      *System       `json:"system,omitempty"`
	Unsupported *Unsupported  `json:"unsupported,omitempty"`
	Edit        *Edit         `json:"edit,omitempty"`
	Revoke      *Revoke       `json:"revoke,omitempty"`

	// Err says what of the message could not be read, nil if there is nothing. It quotes nothing of the body.
	Err error `json:"-" wire:"err"`
	// Raw is the message as it stands in the body.
	Raw json.RawMessage `json:"-" wire:"raw"`
}

// Media returns the image, video, audio, document or sticker, nil if the message is none of them.
func (m *Message) Media() *Media {
	for _, media := range []*Media{m.Image, m.Video, m.Audio, m.Document, m.Sticker} {
		if media != nil {
			return media
		}
	}
	return nil
}

// Context is what a message refers to.
type Context struct {
	From                string           `json:"from,omitempty"`
	ID                  string           `json:"id,omitempty"`
	Forwarded           bool             `json:"forwarded,omitempty"`
	FrequentlyForwarded bool             `json:"frequently_forwarded,omitempty"`
	ReferredProduct     *ReferredProduct `json:"referred_product,omitempty"`
	Type                string           `json:"type,omitempty"`
	FromUserID          string           `json:"from_user_id,omitempty"`
	FromParentUserID    string           `json:"from_parent_user_id,omitempty"`
}

// ReferredProduct is the product a question is about.
type ReferredProduct struct {
	CatalogID         string `json:"catalog_id"`
	ProductRetailerID string `json:"product_retailer_id"`
}

// Referral is the ad or post from which a customer began to write.
type Referral struct {
	SourceURL      string `json:"source_url,omitempty"`
	SourceID       string `json:"source_id,omitempty"`
	SourceType     string `json:"source_type,omitempty"` // "ad", "post"
	Headline       string `json:"headline,omitempty"`
	Body           string `json:"body,omitempty"`
	MediaType      string `json:"media_type,omitempty"` // "image", "video"
	ImageURL       string `json:"image_url,omitempty"`
	VideoURL       string `json:"video_url,omitempty"`
	ThumbnailURL   string `json:"thumbnail_url,omitempty"`
	CtwaClid       string `json:"ctwa_clid,omitempty"` // click id of a Click to WhatsApp ad
	WelcomeMessage *struct {
		Text string `json:"text"`
	} `json:"welcome_message,omitempty"`
	Ref string `json:"ref,omitempty"`
}

// Identifier is the state of a customer's key, where identity checks are on.
type Identifier struct {
	Acknowledged     bool      `json:"acknowledged"`
	CreatedTimestamp Timestamp `json:"created_timestamp,omitempty"` // in milliseconds
	Hash             string    `json:"hash,omitempty"`
}

// UnmarshalJSON reads b as leniently as [Parse].
func (m *Message) UnmarshalJSON(b []byte) error { return wire.Decode(b, m) }
