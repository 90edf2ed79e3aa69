"""Remedies that many findings share, in Chinese and in English."""

from __future__ import annotations

AGAIN_ZH = "请向出具机关重新索取原文件，不要使用此文件。"
AGAIN_EN = "Ask the issuer for the original file again; do not use this one."
ASK_ZH = "请向出具机关核实。"
ASK_EN = "Ask the issuer."
NONE_ZH = "无需处理。"
NONE_EN = "Nothing needs to be done."
