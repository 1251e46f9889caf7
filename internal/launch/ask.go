package launch

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// AskOn returns a function for Options.Ask that puts questions to the person
// at a terminal, or nil when the two files are not a terminal.
func AskOn(in, out *os.File) func(question string) bool {
	if !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return nil
	}
	lines := bufio.NewReader(in)
	return func(question string) bool {
		fmt.Fprint(out, question, " [Y/n] ")
		answer, err := lines.ReadString('\n')
		if err != nil {
			return false
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "", "y", "yes":
			return true
		}
		return false
	}
}
