package exchange

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// record is a row of a file with a header.
type record struct {
	line   int // where it starts
	fields map[string]string
}

// table is a file with a header.
type table struct {
	headers map[string]string // of the columns that are known and there, as the file writes them
	records []record
}

// readTable reads a CSV file with a header: in UTF-8, with or without a byte order mark, lines ending in LF or CRLF.
// known names a column by its header, or answers "" for one that is of no interest. What is wrong with single lines goes
// into errs; an error is returned where the file cannot be read at all.
func readTable(r io.Reader, known func(header string) string, errs *FileError) (*table, error) {
	buffered := bufio.NewReader(r)
	if mark, err := buffered.Peek(3); err == nil && bytes.Equal(mark, []byte("\xEF\xBB\xBF")) {
		if _, err := buffered.Discard(3); err != nil {
			return nil, err
		}
	}
	reader := csv.NewReader(buffered)
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	names := make([]string, len(header))
	t := &table{headers: map[string]string{}}
	for i, h := range header {
		names[i] = known(strings.TrimSpace(h))
		if names[i] == "" {
			continue
		}
		if _, twice := t.headers[names[i]]; twice {
			errs.add(1, strings.TrimSpace(h), "The column is there twice.")
		}
		t.headers[names[i]] = strings.TrimSpace(h)
	}
	for {
		fields, err := reader.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return t, nil
		case errors.As(err, &syntax):
			errs.add(syntax.StartLine, "", "%s", explain(syntax))
			continue
		case err != nil:
			return nil, fmt.Errorf("read the file: %w", err)
		}
		line, _ := reader.FieldPos(0)
		if r, ok := newRecord(line, names, fields, errs); ok {
			t.records = append(t.records, r)
		}
	}
}

// newRecord names the fields of a row. A row without any value is none; a short row lacks its last values.
func newRecord(line int, names, fields []string, errs *FileError) (record, bool) {
	r := record{line: line, fields: map[string]string{}}
	blank := true
	for i, value := range fields {
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		blank = false
		if i >= len(names) {
			errs.add(line, "", "The line has more values than the header has columns.")
			return r, false
		}
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			errs.add(line, names[i], "The value is not text in UTF-8.")
			continue
		}
		if names[i] != "" {
			r.fields[names[i]] = value
		}
	}
	return r, !blank
}

func explain(e *csv.ParseError) string {
	switch {
	case errors.Is(e.Err, csv.ErrBareQuote):
		return "A quote stands in a value that does not begin with one."
	case errors.Is(e.Err, csv.ErrQuote):
		return "A quoted value does not end as it should."
	default:
		return "The line cannot be read: " + e.Err.Error() + "."
	}
}
