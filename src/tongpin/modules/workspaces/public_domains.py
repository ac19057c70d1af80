"""Mail domains at which anybody can have an address: being of one says nothing about where a person works."""

# fmt: off
PUBLIC = frozenset({
    "10minutemail.com", "126.com", "139.com", "163.com", "163.net", "188.com", "189.cn", "21cn.com", "263.net",
    "aliyun.com", "aol.com", "daum.net", "duck.com", "fastmail.com", "foxmail.com", "free.fr", "gmail.com",
    "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "guerrillamail.com", "hanmail.net", "hey.com",
    "hotmail.co.uk", "hotmail.com", "hotmail.fr", "icloud.com", "libero.it", "live.cn", "live.com", "mac.com",
    "mail.com", "mail.ru", "mailinator.com", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com",
    "outlook.jp", "proton.me", "protonmail.com", "qq.com", "qq.com.cn", "rediffmail.com", "sina.cn", "sina.com",
    "sohu.com", "t-online.de", "tom.com", "tutanota.com", "vip.126.com", "vip.163.com", "vip.qq.com",
    "vip.sina.com", "web.de", "wo.cn", "yahoo.cn", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com",
    "yahoo.com.cn", "yandex.com", "yandex.ru", "yeah.net", "ymail.com", "yopmail.com", "zoho.com",
})
# fmt: on
