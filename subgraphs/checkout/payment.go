package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/internal/money"
)

// Gateway is where payments are made: a foreign server. It is never asked inside a transaction of ours, and every call that
// changes something carries a key: the same key has its effect once, however often it is sent (rule O-2). It is safe for
// concurrent use.
//
// Each method may answer ErrUnknownOutcome, where the gateway may have done what it was asked or not, ErrUnreachable, where
// it surely has not, or ErrRefused, where it has not and never will.
type Gateway interface {
	// CreateSession begins a payment and returns the gateway's name for it. The fault PAYMENT_SESSION_INVALID is that of data
	// which the gateway does not take.
	CreateSession(ctx context.Context, data any, key string) (session string, err error)
	// Authorize reserves money under a reference of ours. It answers ErrDeclined where the payment is refused, and
	// ErrSessionInvalid where there is no such session.
	Authorize(ctx context.Context, a Authorization) (Payment, error)
	// Capture takes the money of a payment that is authorised.
	Capture(ctx context.Context, payment, key string) error
	// Void sets the money of a payment free that is authorised; a payment that is void stays so.
	Void(ctx context.Context, payment, key string) error
	// Lookup returns all payments that were made under a reference, the oldest first; none where there is none.
	Lookup(ctx context.Context, reference string) ([]Payment, error)
}

// Ledger is what a gateway for tests tells of all that it was asked to do under a reference (rule F-6).
type Ledger interface {
	Ledger(ctx context.Context, reference string) (FakepayLedger, error)
}

// The ways in which a call of a gateway fails.
var (
	ErrDeclined       = errors.New("the payment was declined")
	ErrSessionInvalid = errors.New("the payment session is not valid")
	ErrUnknownOutcome = errors.New("the gateway did not tell what came of it")
	ErrUnreachable    = errors.New("the gateway cannot be reached")
	ErrRefused        = errors.New("the gateway refused")
)

// Authorization is what a gateway is asked to reserve.
type Authorization struct {
	Session   string // the gateway's name for it
	Reference string // ours
	Amount    money.Money
	Key       string
}

// PaymentStatus is what became of a payment at the gateway.
type PaymentStatus string

// All that a payment can be. The first two are where it is after it was asked for.
const (
	PaymentAuthorized PaymentStatus = "AUTHORIZED"
	PaymentDeclined   PaymentStatus = "DECLINED"
	PaymentCaptured   PaymentStatus = "CAPTURED"
	PaymentVoided     PaymentStatus = "VOIDED"
)

// Payment is a payment as the gateway tells it.
type Payment struct {
	ID     string // the gateway's name for it
	Status PaymentStatus
	Amount money.Money
}

// FakepayLedger is what the gateway for tests did under one reference. It serves the GraphQL type FakepayLedger.
type FakepayLedger struct {
	Authorizations, Voids, Captures int
	Operations                      []FakepayOperation
}

// FakepayOperation is something that the gateway for tests did.
type FakepayOperation struct {
	Kind    string // authorize, void or capture
	Key     string
	Outcome string
	Amount  money.Money
	At      time.Time
}
