import { Module } from '@nestjs/common';
import { MessageSender } from './message-sender.js';

@Module({ providers: [MessageSender], exports: [MessageSender] })
export class MessagesModule {}
