package redisdedupe

import "github.com/redis/go-redis/v9"

// A value is "r" and the token of who runs, or "d" and the token of who is done. Redis ends leases and ttls: a key
// that is not there is free.

// What a claim finds, where it is not the milliseconds that another's lease has left.
const (
	foundClaimed = 0
	foundDone    = -1
)

var (
	claimScript   = redis.NewScript(claimText)
	commitScript  = redis.NewScript(commitText)
	releaseScript = redis.NewScript(releaseText)
)

// A running key without an end, which no claim makes but a careless copy of a database does, gets one: it would keep
// its event from running for ever.
const claimText = `
local held = redis.call('GET', KEYS[1])
if not held or held == 'r' .. ARGV[1] then
	redis.call('SET', KEYS[1], 'r' .. ARGV[1], 'PX', ARGV[2])
	return 0
end
local state = string.sub(held, 1, 1)
if state == 'd' then return -1 end
if state ~= 'r' then return redis.error_reply('ERR this key is not of kirimhooks') end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
	redis.call('PEXPIRE', KEYS[1], ARGV[2])
	left = tonumber(ARGV[2])
end
return math.max(left, 1)
`

const commitText = `
local held = redis.call('GET', KEYS[1])
if held and held ~= 'r' .. ARGV[1] and held ~= 'd' .. ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'd' .. ARGV[1], 'PX', ARGV[2])
return 1
`

const releaseText = `
if redis.call('GET', KEYS[1]) == 'r' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`
