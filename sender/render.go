package sender

import (
	"errors"
	"fmt"
	"mime"

	"github.com/kirimhooks/kirimhooks/envelope"
)

const (
	jsonType       = "application/json"
	maxContentType = 255
)

// render replaces the body of ev by the one that its endpoint reads, and returns the Content-Type of that.
func (c *Contract) render(ev *envelope.Event, maxBody int) (contentType string, err error) {
	if c.Render == nil {
		return jsonType, nil
	}
	body, contentType, err := c.Render(*ev)
	switch {
	case err != nil:
		return "", bare(err)
	case len(body) == 0:
		return "", errors.New("the body is empty")
	case len(body) > maxBody:
		return "", fmt.Errorf("a body of %d bytes, at most %d fit", len(body), maxBody)
	case contentType == "":
		contentType = jsonType
	case len(contentType) > maxContentType || !validMediaType(contentType):
		return "", errors.New("the content type must be a media type of at most 255 bytes")
	}
	ev.Body = body
	return contentType, nil
}

func validMediaType(text string) bool {
	_, _, err := mime.ParseMediaType(text)
	return err == nil && validHeaderValue(text)
}
