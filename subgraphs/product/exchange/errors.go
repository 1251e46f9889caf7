package exchange

import (
	"fmt"
	"strings"
)

// maxErrors is how many errors of a file are kept; the rest is counted.
const maxErrors = 100

// LineError is something wrong in a line of a file.
type LineError struct {
	Line    int    // where the record starts, counted from 1
	Column  string // its header; empty where the whole record is wrong
	Message string
}

// Error writes the line, the column and the message.
func (e LineError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("line %d, %s: %s", e.Line, e.Column, e.Message)
}

// FileError is all that is wrong in a file, in the order of its lines. Nothing of the file was imported.
type FileError struct {
	Errors []LineError // at most 100
	Total  int         // how many there are
}

// Error writes one error a line.
func (e *FileError) Error() string {
	var b strings.Builder
	for i, line := range e.Errors {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line.Error())
	}
	if more := e.Total - len(e.Errors); more > 0 {
		fmt.Fprintf(&b, "\nand %d more", more)
	}
	return b.String()
}

func (e *FileError) add(line int, column, format string, args ...any) {
	e.Total++
	if len(e.Errors) < maxErrors {
		e.Errors = append(e.Errors, LineError{Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
	}
}
