package signature_test

import (
	"fmt"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

func ExampleVerifyStandard() {
	secret := signature.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	now := time.Unix(1614265330, 0)
	body := []byte(`{"test": 2432232314}`)
	header := string(signature.SignStandard(nil, "msg_p5jXN8AQM9LWM0D4loKWxJek", body, now, secret))
	fmt.Println("Webhook-Signature:", header)

	_, err := signature.VerifyStandard("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", header, body, now, 0, secret)
	fmt.Println(err)
	// Output:
	// Webhook-Signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
	// <nil>
}

func ExampleCheckStandard() {
	fmt.Println(signature.CheckStandard(signature.NewSecret("whsec_plain words")))
	// Output:
	// signature: no usable secret configured: for Standard Webhooks the text after whsec_ must be the key in base64
}

func ExampleVerifyMeta() {
	appSecret := signature.NewSecret("f0e1d2c3b4a5968778695a4b3c2d1e0f")
	body := []byte(`{"object":"whatsapp_business_account","entry":[]}`)
	header := string(signature.SignMeta(nil, body, appSecret))
	fmt.Println("X-Hub-Signature-256:", header)

	_, err := signature.VerifyMeta(header, body, appSecret)
	fmt.Println(err)
	// Output:
	// X-Hub-Signature-256: sha256=52f5dbb812b4a5c09c9221d16deb39b224dcfab27b4568417bdb4ed3a61efe1a
	// <nil>
}

func ExampleVerifyShared() {
	secret := signature.NewSecret("rahasia-123")
	_, err := signature.VerifyShared("rahasia-123", secret)
	fmt.Println(err)
	_, err = signature.VerifyShared("salah", secret)
	fmt.Println(err)
	// Output:
	// <nil>
	// signature: the request carries another secret
}
