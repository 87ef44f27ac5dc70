package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/kirisan"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
)

// readFile reads a whole body, and completes what it does not state from the flags. What it does state they must not
// contradict.
func readFile(o options) (envelope.Event, error) {
	body, err := os.ReadFile(o.file)
	if err != nil {
		return envelope.Event{}, fmt.Errorf("-file: %w", err)
	}
	ev, err := readBody(o, body)
	if err != nil {
		return ev, fmt.Errorf("-file %s: %w", o.file, err)
	}
	return ev, nil
}

func readBody(o options, body []byte) (ev envelope.Event, err error) {
	if o.dialect == kirisanDialect {
		return readKirisan(o, body)
	}
	shape, err := shapeOf(body)
	switch {
	case err != nil:
		return ev, err
	case o.source != "" && o.source != shape:
		return ev, fmt.Errorf("-source %s: the body has the shape of %s; leave -source out", o.source, shape)
	case shape == envelope.Kirim:
		ev, err = kirim.ParseEvent(body)
	default:
		ev, err = readMeta(o, body)
	}
	if err != nil {
		return ev, err
	}
	return ev, agree("-event", o.event, &ev.Type)
}

// readMeta reads a body of Meta's. One without messages and statuses has no type but the one that it is given: the
// field of its first change is only a name to fall back on.
func readMeta(o options, body []byte) (envelope.Event, error) {
	ev, err := meta.NewEvent(body)
	if err != nil {
		return ev, err
	}
	summary, err := meta.Summarize(body)
	if summary.Type() == "" {
		ev.Type = cmp.Or(o.event, ev.Type)
	}
	return ev, err
}

// readKirisan reads a body of Kirisan's. One without a type is the flat body of Meta's Cloud API that the test of a
// WABA line sends, an incoming message.
func readKirisan(o options, body []byte) (envelope.Event, error) {
	ev, err := kirisan.ParseEvent(body)
	if err != nil {
		return ev, err
	}
	event := o.event
	if meant := legacy(event); meant != "" && (ev.Type == meant || ev.Type == "") {
		event = meant
	}
	if err := errors.Join(agree("-event", event, &ev.Type), agree("-device", o.device, &ev.Device)); err != nil {
		return ev, err
	}
	if ev.Device == "" {
		return ev, errors.New("the body states no device; give -device")
	}
	ev.Type = cmp.Or(ev.Type, kirisan.IncomingMessageEvent.Type())
	ev.Channel = cmp.Or(ev.Channel, "whatsapp")
	return ev, nil
}

// shapeOf tells Meta's bodies from Kirim's own.
func shapeOf(body []byte) (envelope.Source, error) {
	members, err := envelope.Scan(body)
	if err != nil {
		return "", fmt.Errorf("not a JSON object: %w", err)
	}
	id, _ := members.Text("id")
	typ, _ := members.Text("type")
	native, passed := id != "" && typ != "", bytes.HasPrefix(members.Raw("entry"), []byte("["))
	switch {
	case native && passed:
		return "", errors.New("the body has the shapes of both sources, id and type and an entry array; keep one")
	case native:
		return envelope.Kirim, nil
	case passed:
		return envelope.Meta, nil
	}
	return "", errors.New("not a whole body: Kirim's has an id and a type, Meta's an entry array")
}

// agree fills what the body does not state, and refuses a flag that contradicts it.
func agree(flag, given string, stated *string) error {
	switch {
	case given == "" || given == *stated:
		return nil
	case *stated == "":
		*stated = given
		return nil
	}
	return fmt.Errorf("%s %s: the body says %s; leave %s out", flag, given, *stated, flag)
}

// setMember replaces the value of a top-level member of a JSON object, and no other byte.
func setMember(body []byte, name string, value any) ([]byte, error) {
	fresh, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil { // the opening brace
		return nil, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		var old json.RawMessage
		if err := d.Decode(&old); err != nil {
			return nil, err
		}
		if key == name {
			end := int(d.InputOffset())
			return bytes.Join([][]byte{body[:end-len(old)], fresh, body[end:]}, nil), nil
		}
	}
	return nil, fmt.Errorf("the body has no %s to replace", name)
}
