package meta

// Payment is what became of a payment that a customer was asked for, in a [Status] of type "payment"
// (https://developers.facebook.com/documentation/business-messaging/whatsapp/payments/payments-in/overview).
type Payment struct {
	ReferenceID string       `json:"reference_id,omitempty"` // of the order that was sent
	Amount      *Amount      `json:"amount,omitempty"`
	Currency    string       `json:"currency,omitempty"`
	Transaction *Transaction `json:"transaction,omitempty"` // the last that was tried
	Receipt     string       `json:"receipt,omitempty"`
}

// Amount is Value divided by Offset: 21000 by 100 is 210.00.
type Amount struct {
	Value  int64 `json:"value"`
	Offset int64 `json:"offset"`
}

// Transaction is one attempt to pay.
type Transaction struct {
	ID               string            `json:"id,omitempty"`
	Type             string            `json:"type,omitempty"`   // the gateway: "razorpay", "payu"…
	Status           string            `json:"status,omitempty"` // "success", "failed", "pending"
	CreatedTimestamp Timestamp         `json:"created_timestamp,omitempty"`
	UpdatedTimestamp Timestamp         `json:"updated_timestamp,omitempty"`
	Amount           *Amount           `json:"amount,omitempty"`
	Currency         string            `json:"currency,omitempty"`
	Method           *PaymentMethod    `json:"method,omitempty"`
	Error            *TransactionError `json:"error,omitempty"`
	Refunds          []Refund          `json:"refunds,omitempty"`
}

// PaymentMethod is how it was paid.
type PaymentMethod struct {
	Type string `json:"type,omitempty"` // "upi", "card"…
}

// TransactionError is why it was not paid.
type TransactionError struct {
	Code   string `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Refund is money that went back.
type Refund struct {
	ID               string    `json:"id,omitempty"`
	Amount           *Amount   `json:"amount,omitempty"`
	Status           string    `json:"status,omitempty"`
	SpeedProcessed   string    `json:"speed_processed,omitempty"`
	CreatedTimestamp Timestamp `json:"created_timestamp,omitempty"`
	UpdatedTimestamp Timestamp `json:"updated_timestamp,omitempty"`
}
