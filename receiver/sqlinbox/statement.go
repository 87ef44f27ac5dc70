package sqlinbox

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// statement is SQL in the words of one database.
type statement struct {
	text  string
	names []string // the arguments, in order
	long  bool     // one of them, @seqs, stands for as many as it has items
}

// values are arguments by name.
type values map[string]any

var argument = regexp.MustCompile(`@[a-z]+`)

// inList is how a statement names the rows it is about.
const inList = "in (@seqs)"

// statement reads text in which "@name" is an argument, and "{word}" one of traits.
func (t *traits) statement(text string, table tableName) *statement {
	text = strings.NewReplacer(
		"{t}", table.events(), "{meta}", table.meta(), "{name}", table.bare(),
		"{now}", t.now, "{insert}", t.insert, "{conflict}", t.conflict, "{lock}", t.lock, "{skip}", t.skip,
		"{position}", t.position,
	).Replace(text)
	if t.in != "" {
		text = strings.ReplaceAll(text, inList, t.in)
	}
	s := &statement{long: strings.Contains(text, inList)}
	numbers := map[string]int{}
	s.text = argument.ReplaceAllStringFunc(text, func(found string) string {
		name := found[1:]
		if t != &postgres {
			s.names = append(s.names, name)
			if name == "seqs" {
				return found // bind puts as many marks there as there are rows
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
		if name != "seqs" {
			args = append(args, value)
			continue
		}
		seqs := value.([]int64)
		text = strings.Replace(text, inList, "in (?"+strings.Repeat(",?", len(seqs)-1)+")", 1)
		for _, seq := range seqs {
			args = append(args, seq)
		}
	}
	return text, args
}

// csv is a list of rows as one argument.
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
