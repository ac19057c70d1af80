"""Sign-in with the accounts people have in their company's messenger: Feishu, DingTalk, WeCom."""

from tongpin.modules.workspaces.im.dingtalk import DingTalkProvider
from tongpin.modules.workspaces.im.feishu import FeishuProvider
from tongpin.modules.workspaces.im.wecom import WeComProvider

#: As they stand on the sign-in page.
MESSENGERS = (FeishuProvider, DingTalkProvider, WeComProvider)
