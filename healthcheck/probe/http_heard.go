package probe

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// noAnswer says why there is no answer to req, and what came instead.
func (x *exchange) noAnswer(ctx context.Context, req *http.Request, err error) error {
	if text := x.wire.heard(); !isHTTP(text) && ctx.Err() != context.Canceled {
		return notAnswer("HTTP", hide(text, wordsOf(req)))
	}
	return dial.Because(ctx, "waiting for the answer", answerError(err))
}

// minSecret is the length of the shortest word that is hidden.
const minSecret = 4

// hide returns text with *** in place of words: a target may echo what it was sent. It
// cuts off a word at the end of text that is not complete.
func hide(text string, words []string) string {
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, w := range words {
		if len(w) < minSecret {
			break
		}
		text = strings.ReplaceAll(text, w, "***")
		for n := len(w) - 1; n >= minSecret; n-- {
			if start, found := strings.CutSuffix(text, w[:n]); found {
				text = start
				break
			}
		}
	}
	return text
}

// wordsOf returns the words of the header and the body of req. Each may be secret.
func wordsOf(req *http.Request) (words []string) {
	for _, values := range req.Header {
		words = append(words, split(strings.Join(values, " "))...)
	}
	if _, password, ok := req.BasicAuth(); ok {
		words = append(words, split(password)...)
	}
	if req.GetBody == nil {
		return words
	}
	body, err := req.GetBody()
	if err != nil {
		return words
	}
	defer body.Close()
	text, _ := io.ReadAll(body)
	return append(words, split(string(text))...)
}

// split returns the words of text that spaces separate, and those that the punctuation of
// JSON, forms and lists separates.
func split(text string) []string {
	return append(strings.Fields(text), strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(`"'{}[],:;=&`, r)
	})...)
}
