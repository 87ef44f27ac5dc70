package sqlinbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// statement is SQL in the words of one database.
type statement struct {
	text  string
	names []string // the arguments, in order
	list  string   // the one that stands for as many as it has items; "" if none does
}

// values are arguments by name.
type values map[string]any

var (
	argument = regexp.MustCompile(`@[a-z]+`)
	inList   = regexp.MustCompile(`in \(@(seqs|lanes)\)`)
)

// statement reads text in which "@name" is an argument, "in (@seqs)" and "in (@lanes)" a list, and "{word}" one of
// traits.
func (t *traits) statement(text string, table tableName) *statement {
	text = strings.NewReplacer(
		"{t}", table.events(), "{meta}", table.meta(), "{name}", table.bare(),
		"{now}", t.now, "{insert}", t.insert, "{conflict}", t.conflict, "{lock}", t.lock, "{skip}", t.skip,
		"{position}", t.position,
	).Replace(text)
	s := &statement{}
	if t.list != nil {
		text = inList.ReplaceAllStringFunc(text, func(found string) string {
			name := inList.FindStringSubmatch(found)[1]
			if name == "lanes" {
				return fmt.Sprintf(t.in[1], name)
			}
			return fmt.Sprintf(t.in[0], name)
		})
	} else if found := inList.FindStringSubmatch(text); found != nil {
		s.list = found[1]
	}
	numbers := map[string]int{}
	s.text = argument.ReplaceAllStringFunc(text, func(found string) string {
		name := found[1:]
		if t != &postgres {
			s.names = append(s.names, name)
			if name == s.list {
				return found // bind puts as many marks there as the list has items
			}
			return "?"
		}
		if numbers[name] == 0 {
			s.names = append(s.names, name)
			numbers[name] = len(s.names)
		}
		return "$" + strconv.Itoa(numbers[name])
	})
	return s
}

// bind returns the text and the arguments of one call.
func (t *traits) bind(s *statement, v values) (text string, args []any) {
	text = s.text
	args = make([]any, 0, len(s.names))
	for _, name := range s.names {
		value, given := v[name]
		switch {
		case name == "now":
			value = time.Now().UnixMicro()
		case name == "csv":
			value = csv(v["seqs"].([]int64))
		case !given:
			panic("sqlinbox: no value for @" + name + " in " + s.text)
		}
		before := len(args)
		switch list := value.(type) {
		case []int64:
			args = appendList(args, t, list)
		case []string:
			args = appendList(args, t, list)
		default:
			args = append(args, value)
		}
		if name == s.list {
			text = strings.Replace(text, "in (@"+name+")", "in (?"+strings.Repeat(",?", len(args)-before-1)+")", 1)
		}
	}
	return text, args
}

func appendList[T any](args []any, t *traits, list []T) []any {
	if t.list != nil {
		return append(args, t.list(list))
	}
	for _, item := range list {
		args = append(args, item)
	}
	return args
}

func jsonList(list any) any {
	text, _ := json.Marshal(list) // numbers and texts always encode
	return string(text)
}

// arrayList is a list as Postgres writes arrays. What it quotes is printable ASCII.
func arrayList(list any) any {
	switch list := list.(type) {
	case []int64:
		return "{" + csv(list) + "}"
	case []string:
		quoted := make([]string, len(list))
		for i, item := range list {
			quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(item) + `"`
		}
		return "{" + strings.Join(quoted, ",") + "}"
	}
	panic("sqlinbox: a list of another kind")
}

func csv(list []int64) string {
	text := make([]byte, 0, 8*len(list))
	for i, n := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, n, 10)
	}
	return string(text)
}
