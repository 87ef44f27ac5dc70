package meta

// PlainText returns what a message says in words, "" where there are none, and on a nil Message:
//
//	text                      itself
//	media                     the caption
//	button, list row          the title that was chosen
//	flow, reaction, order     the answer, the emoji, the note
//	system message            what it tells
//	edit                      the new text
func (m *Message) PlainText() string {
	if m == nil {
		return ""
	}
	switch {
	case m.Text != nil:
		return m.Text.Body
	case m.Media() != nil:
		return m.Media().Caption
	case m.Button != nil:
		return m.Button.Text
	case m.Interactive != nil:
		return m.Interactive.plainText()
	case m.Reaction != nil:
		return m.Reaction.Emoji
	case m.Order != nil:
		return m.Order.Text
	case m.System != nil:
		return m.System.Body
	case m.Edit != nil:
		return m.Edit.Message.PlainText()
	}
	return ""
}

func (i *Interactive) plainText() string {
	switch {
	case i.ButtonReply != nil:
		return i.ButtonReply.Title
	case i.ListReply != nil:
		return i.ListReply.Title
	case i.NfmReply != nil:
		return i.NfmReply.Body
	}
	return ""
}
